// The same pages without JavaScript, and on a narrow screen.

import { addByForm, expect, fitsTheScreen, items, openRepository, openTab, signOut, test } from "../support/registry";

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a repository is added, synced and read", async ({ maintainer: page, repository }) => {
    await repository.define(items.token, items.panel);
    await repository.commit("The brand");
    await addByForm(page, repository);
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("link", { name: "brand-panel" })).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await page.getByRole("link", { name: "brand-panel" }).click();
    await expect(page.locator("#install-npm")).toHaveText("npx shadcn@latest add @registry/brand-panel");
    await expect(page.locator("#source")).toContainText("brand-panel");
    await expect(page.getByRole("button", { name: "Copy", exact: true })).toHaveCount(0);

    await repository.define(items.token);
    await repository.commit("No panel");
    await openRepository(page);
    await page.getByRole("button", { name: "Sync" }).click();
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("link", { name: "brand-panel" })).toHaveCount(0, { timeout: 1_000 });
    }).toPass();
    await openTab(page, "Commits");
    await expect(page.getByText("No panel")).toBeVisible();
    await openTab(page, "History");
    await page.getByRole("link", { name: /^Roll back/ }).click();
    await page.getByRole("button", { name: "Roll back" }).click();
    await expect(page.getByText("Rolled back. 2 items")).toBeVisible();
  });

  test("components are searched", async ({ maintainer: page, registry, repository }) => {
    await repository.define(items.token, items.panel);
    await repository.commit("The brand");
    await registry.serves(repository);
    await page.getByRole("link", { name: "Components" }).click();
    await page.getByRole("searchbox").fill("panel");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByRole("link", { name: "brand-panel" })).toBeVisible();
    await expect(page.getByRole("link", { name: "brand-token" })).toHaveCount(0);
  });

  test("a form with a mistake comes back with what was typed and what is wrong", async ({ maintainer: page, complaints }) => {
    complaints.expect(/status 422/);
    complaints.expect(/console: Failed to load resource.*422/);
    await page.getByRole("link", { name: "Add a repository" }).click();
    await page.getByLabel("Repository", { exact: true }).fill("ext::sh -c true");
    await page.getByRole("button", { name: "Add and sync" }).click();
    const field = page.getByLabel("Repository", { exact: true });
    await expect(field).toHaveValue("ext::sh -c true");
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator("#url-note")).not.toBeEmpty();
  });

  test("a person signs out", async ({ maintainer: page }) => {
    await signOut(page);
  });
});

test.describe("on a narrow screen", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("no page scrolls sideways", async ({ maintainer: page, registry, repository }) => {
    const long = "an-item-with-a-name-that-is-much-longer-than-anyone-would-ever-think-sensible";
    await fitsTheScreen(page);
    await repository.define(items.token, items.panel, { name: long, source: `// ${"very ".repeat(80)}long line\n` });
    await repository.list(items.token, items.panel, { name: long }, { name: "half-done" });
    await repository.commit("The brand, with a subject line that goes on for rather longer than fifty characters");
    await registry.serves(repository);
    await openRepository(page);
    const repositoryPage = page.url();
    for (const address of [
      "/login",
      "/registry",
      "/registry/new",
      "/components",
      "/components/brand-panel",
      `/components/${long}`,
      `/components/${long}?tab=versions`,
    ]) {
      await page.goto(registry.url + address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await fitsTheScreen(page);
    }
    for (const tab of ["", "commits", "history", "findings"]) {
      await page.goto(`${repositoryPage}?tab=${tab}`);
      await fitsTheScreen(page);
    }
  });
});
