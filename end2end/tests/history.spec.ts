// Commits, versions, tags and what differs between any two of them.

import { expect, fitsTheScreen, items, openRepository, openTab, test, type Registry, type Repository } from "../support/registry";

const before = `export const size = 1;\nexport const name = "panel";\n${"// unchanged\n".repeat(40)}export const last = true;\n`;
const after = before.replace("size = 1", "size = 24").replace("last = true", `last = "<b>\u202e${"very ".repeat(40)}long</b>"`);

/** A component that was tagged, then moved and changed. */
async function twoVersions(registry: Registry, repository: Repository): Promise<string> {
  const panel = (path: string, source: string) => ({ ...items.token, name: "brand-panel", source, files: [{ path, type: "registry:ui" }] });
  await repository.define(items.token, panel("old/panel.tsx", before));
  await repository.commit("The brand");
  await repository.git("tag", "v1.0.0");
  await repository.git("mv", "old/panel.tsx", "ui-panel.tsx");
  await repository.define(items.token, panel("ui-panel.tsx", after));
  const sha = await repository.commit("Move the panel\n\nIt belongs elsewhere.");
  await registry.serves(repository);
  return sha;
}

test("a commit tells the components and files it touched, with where they were before", async ({ maintainer: page, registry, repository }) => {
  const sha = await twoVersions(registry, repository);
  await openRepository(page);
  await openTab(page, "Commits");
  const row = page.locator("ol.commits > li").first();
  await row.getByText("2 files").click();
  await expect(row.getByText("renamed ui-panel.tsx from old/panel.tsx")).toBeVisible();
  await row.getByRole("link", { name: "Move the panel" }).click();
  await expect(page).toHaveURL(new RegExp(`/commits/${sha}$`));
  await expect(page.getByRole("heading", { level: 1, name: "Move the panel" })).toBeVisible();
  await expect(page.getByText("It belongs elsewhere.")).toBeVisible();
  await page.getByRole("link", { name: "What changed in brand-panel" }).click();
  await expect(page.getByRole("region", { name: "ui-panel.tsx" })).toContainText("-export const size = 1;");
});

test("two versions are chosen and compared, by the keyboard alone", async ({ maintainer: page, registry, repository }) => {
  await twoVersions(registry, repository);
  await page.goto(`${registry.url}/components/brand-panel?tab=versions`);
  await expect(page.getByRole("row", { name: /v1\.0\.0/ })).toBeVisible();
  await expect(page.getByRole("radio", { name: /^From/ }).nth(1)).toBeChecked();
  await expect(page.getByRole("radio", { name: /^To/ }).first()).toBeChecked();
  await page.getByRole("button", { name: "Compare" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "What changed in brand-panel" })).toBeVisible();
  const file = page.getByRole("region", { name: "ui-panel.tsx" });
  await expect(file).toContainText("renamed");
  await expect(file).toContainText("from old/panel.tsx");
  await expect(file.getByRole("insertion").first()).toHaveText(/^\+export const size = 24;/);
  await expect(file.getByRole("deletion").first()).toHaveText(/^-export const size = 1;/);
  await expect(file.locator("ins b").first()).toHaveText("24");
  await expect(file.locator(".odd")).toHaveText("U+202E");
  await expect(page.getByRole("region", { name: "Definition" })).toContainText("files changed");
  const block = file.locator("pre");
  await block.focus();
  await expect(block).toBeFocused();
  await page.getByRole("link", { name: "Swap" }).click();
  await expect(file.getByRole("deletion").first()).toHaveCount(0);
  await expect(page.getByRole("region", { name: "old/panel.tsx" }).getByRole("insertion").first()).toHaveText(/size = 1;/);
});

test("a tag is compared with what is served", async ({ maintainer: page, registry, repository }) => {
  await twoVersions(registry, repository);
  await openRepository(page);
  await openTab(page, "Refs");
  await expect(page.getByRole("row", { name: /main/ })).toContainText("Served now");
  await page.getByRole("link", { name: "Compare v1.0.0 with what is served" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Compare states" })).toBeVisible();
  await expect(page.getByRole("row", { name: /brand-panel/ })).toContainText("changed");
  await expect(page.getByText("1 component is the same in both.")).toBeVisible();
  await page.getByRole("link", { name: "What changed in brand-panel" }).click();
  await expect(page.getByLabel("From")).toHaveValue("v1.0.0");
  await expect(page.getByLabel("To", { exact: true })).toHaveValue("current");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("two versions are chosen and compared", async ({ maintainer: page, registry, repository }) => {
    await twoVersions(registry, repository);
    await page.goto(`${registry.url}/components/brand-panel?tab=versions`);
    await page.getByRole("button", { name: "Compare" }).click();
    await expect(page.getByRole("region", { name: "ui-panel.tsx" })).toContainText("+export const size = 24;");
    await page.getByLabel("From").fill("v1.0.0");
    await page.getByLabel("To", { exact: true }).fill("v1.0.0");
    await page.getByRole("button", { name: "Compare" }).click();
    await expect(page.getByText("v1.0.0 and v1.0.0 are the same version.")).toBeVisible();
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`on a narrow screen, ${colorScheme}`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("no page of history scrolls sideways", async ({ maintainer: page, registry, repository }, info) => {
      const sha = await twoVersions(registry, repository);
      await openRepository(page);
      const path = new URL(page.url()).pathname;
      for (const address of [
        `${path}?tab=commits`,
        `${path}?tab=refs`,
        `${path}/commits/${sha}`,
        `${path}/compare?from=v1.0.0`,
        "/components/brand-panel?tab=versions",
        "/components/brand-panel?tab=commits",
        "/diff/brand-panel?from=v1.0.0",
      ]) {
        await page.goto(registry.url + address);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await fitsTheScreen(page);
        await info.attach(address, { body: await page.screenshot({ fullPage: true }), contentType: "image/png" });
      }
      const block = page.getByRole("region", { name: "ui-panel.tsx" }).locator("pre");
      const over = await block.evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(over, "a long line scrolls in its block").toBeGreaterThan(0);
      await page.getByLabel("Wrap long lines").check();
      expect(await block.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    });
  });
}
