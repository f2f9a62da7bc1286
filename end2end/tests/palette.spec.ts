// The command palette and the keys.

import { expect, items, openRepository, test, type Page } from "../support/registry";

const title = "Search pages, repositories and components";

/** Presses a key until it does something: before the islands are awake keys come to nobody. */
async function press(page: Page, keys: string, until: () => Promise<void>): Promise<void> {
  await expect(async () => {
    for (const key of keys.split(" ")) await page.keyboard.press(key);
    await until();
  }).toPass();
}

async function openPalette(page: Page): Promise<void> {
  await press(page, "Control+k", () => expect(page.getByRole("dialog", { name: title })).toBeVisible({ timeout: 1_000 }));
  await expect(page.getByRole("dialog").getByRole("option").first()).toBeVisible();
}

const chosen = (page: Page) => page.locator('[role="option"][aria-selected="true"]');

test("the palette leads to pages, repositories and components by keyboard alone", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token, items.panel);
  await repository.commit("The brand");
  await registry.serves(repository);

  await openPalette(page);
  const field = page.getByRole("combobox", { name: title });
  await expect(field).toBeFocused();
  await field.fill("audit");
  await expect(chosen(page)).toHaveText("Audit");
  await expect(field).toHaveAttribute("aria-activedescendant", (await chosen(page).getAttribute("id"))!);
  await field.press("Enter");
  await expect(page).toHaveURL(`${registry.url}/settings/audit`);

  await openPalette(page);
  await field.fill("acme");
  await expect(chosen(page)).toHaveText("acme-ui");
  await field.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "acme-ui" })).toBeVisible();

  await openPalette(page);
  await field.fill("panel");
  await expect(page.getByRole("option", { name: "brand-panel" })).toBeVisible();
  await field.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "brand-panel" })).toBeVisible();

  // What was chosen before stands first, the newest on top.
  await openPalette(page);
  await expect(page.getByRole("group", { name: "Recent" }).getByRole("option")).toHaveText(["brand-panel", "acme-ui", "Audit"]);
});

test("the arrows go round, Escape gives the focus back, and nothing is typed into the page", async ({ maintainer: page }) => {
  const link = page.getByRole("link", { name: "Settings" });
  await link.focus();
  await openPalette(page);
  const first = await chosen(page).textContent();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("dialog").getByRole("option").last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await expect(chosen(page)).toHaveText(first!);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(link).toBeFocused();
});

test("the palette does things, too: it syncs a repository, changes the theme, shows the keys", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("The token");
  await registry.serves(repository);
  await repository.define(items.token, items.panel);
  await repository.commit("The panel");
  await page.reload();

  await openPalette(page);
  await page.keyboard.type("sync acme");
  await expect(chosen(page)).toHaveText("Sync acme-ui");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "brand-panel" })).toBeVisible();

  await openPalette(page);
  await page.keyboard.type("theme");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Theme: light" })).toBeVisible();

  await openPalette(page);
  await page.keyboard.type("shortcuts");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("a finger opens the palette on a phone, and closes it", async ({ maintainer: page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const dialog = page.getByRole("dialog", { name: title });
  await expect(async () => {
    await page.getByRole("link", { name: "Search", exact: true }).click();
    await expect(dialog).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(page.getByRole("option", { name: "Components" })).toBeVisible();
  await page.getByRole("button", { name: "Esc" }).click();
  await expect(dialog).toBeHidden();
});

test("two keys lead to every section, and none does anything while someone types", async ({ maintainer: page, registry }) => {
  for (const [key, path] of [["c", "/components"], ["p", "/packages"], ["a", "/activity"], ["s", "/settings"], ["r", "/registry"]]) {
    await press(page, `g ${key}`, () => expect(page).toHaveURL(registry.url + path, { timeout: 1_000 }));
  }
  await page.goto(`${registry.url}/registry/new`);
  await page.getByLabel("Repository", { exact: true }).focus();
  await page.keyboard.type("g c ? / j k");
  await expect(page.getByLabel("Repository", { exact: true })).toHaveValue("g c ? / j k");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(page.url()).toBe(`${registry.url}/registry/new`);
});

test("j and k go through the rows of every list, and the row in focus is seen", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token, items.panel);
  await repository.commit("The brand");
  await repository.define(items.token, { ...items.panel, description: "Another" });
  await repository.commit("Another panel");
  await registry.serves(repository);
  await registry.command("token", "create", "--name", "one", "--scope", "read");
  await openRepository(page);
  const id = new URL(page.url()).pathname;
  const lists = ["/registry", "/components", "/packages", id, `${id}?tab=commits`, `${id}?tab=history`, `${id}?tab=refs`, "/settings/tokens", "/settings/audit"];
  for (const path of lists) {
    await page.goto(registry.url + path);
    await press(page, "j", () => expect(page.locator("main :focus"), path).toHaveCount(1, { timeout: 1_000 }));
    const outlined = await page.evaluate(() => {
      const focused = document.activeElement!;
      return [getComputedStyle(focused), getComputedStyle(focused, "::after")].some(({ outlineStyle }) => outlineStyle !== "none");
    });
    expect(outlined, `the focus is not seen on ${path}`).toBe(true);
  }
});
