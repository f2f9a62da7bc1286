// A repository's settings, and its removal: with and without JavaScript, on a
// narrow screen.

import { expect, fitsTheScreen, items, openRepository, openTab, Repository, settled, sync, test } from "../support/registry";

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("settings are changed, and what is wrong stands beside its field", async ({
      maintainer: page,
      registry,
      repository,
      folder,
      complaints,
    }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      await repository.define(items.token);
      await repository.commit("The token");
      await repository.git("checkout", "--quiet", "-b", "next");
      await repository.define(items.token, items.panel);
      await repository.commit("The panel");
      await repository.git("checkout", "--quiet", "main");
      await registry.serves(repository);
      const other = await Repository.create(folder, "other-ui");
      await other.define({ name: "other" });
      await other.commit("Another");
      await registry.serves(other);

      await openRepository(page);
      await openTab(page, "Settings");
      const [name, address, branch, every] = ["Name", "Address", "Branch", "Time between looks"].map((label) =>
        page.getByLabel(label, { exact: true }),
      );
      const save = async () => {
        const shown = page.waitForEvent("load");
        await page.getByRole("button", { name: "Save changes" }).click();
        await shown;
      };
      await expect(address).toHaveValue(repository.path);
      await expect(every).toHaveAttribute("placeholder", "off, as configured");
      await expect(page.getByLabel("shadcn first")).toBeChecked();
      await expect(page.getByLabel("Registry file")).not.toBeEditable();

      await name.fill("Brand");
      await every.fill("soon");
      await page.getByLabel("As written").check();
      await save();
      await expect(page.locator("#pollEvery-note")).toContainText("write 30s, 5m");
      await expect(every).toHaveAttribute("aria-invalid", "true");
      await expect(every).toHaveValue("soon");
      await expect(name).toHaveValue("Brand");
      await expect(page.getByLabel("As written")).toBeChecked();
      await every.fill("2h");
      await branch.fill("not a..branch");
      await save();
      await expect(page.locator("#branch-note")).toHaveClass("problem");
      await expect(branch).toHaveValue("not a..branch");
      await branch.fill("");
      await name.fill("other-ui");
      await save();
      await expect(page.locator("#name-note")).toContainText("already");
      await name.fill("Brand");
      await address.fill(`${repository.path}-gone`);
      await save();
      await expect(page.locator("#url-note")).toContainText("There is no folder");
      await expect(every).toHaveValue("2h");
      await address.fill(repository.path);
      await save();
      // With JavaScript the page is shown anew when the sync ends, maybe at once.
      if (!javaScriptEnabled) await expect(page.getByText("Saved.")).toBeVisible();
      await settled(page, javaScriptEnabled);
      await expect(page.getByRole("heading", { level: 1, name: "Brand" })).toBeVisible();
      await expect(every).toHaveValue("2h");

      await branch.fill("next");
      await save();
      await expect(async () => {
        expect((await page.request.get(`${registry.url}/r/brand-panel.json`)).status()).toBe(200);
      }).toPass();
      await settled(page, javaScriptEnabled);
      await expect(branch).toHaveValue("next");
      await branch.fill("");
      await save();
      await expect(async () => {
        expect((await page.request.get(`${registry.url}/r/brand-panel.json`)).status()).toBe(410);
      }).toPass();
    });

    test("a repository that moved keeps its components and their history", async ({ maintainer: page, registry, repository, folder }) => {
      await repository.define(items.token);
      await repository.commit("The token");
      await registry.serves(repository);
      const moved = await Repository.create(folder, "moved");
      await moved.git("pull", "--quiet", repository.path, "main");
      await openRepository(page);
      await openTab(page, "Settings");
      await page.getByLabel("Address").fill(moved.path);
      const shown = page.waitForEvent("load");
      await page.getByRole("button", { name: "Save changes" }).click();
      await shown;
      // With JavaScript the page is shown anew when the sync ends, maybe at once.
      if (!javaScriptEnabled) await expect(page.getByText("A sync reads it from there now")).toBeVisible();
      await settled(page, javaScriptEnabled);
      await expect(page.getByLabel("Address")).toHaveValue(moved.path);
      await openTab(page, "Components");
      await expect(page.getByRole("link", { name: "brand-token" })).toBeVisible();
      await openTab(page, "Commits");
      await expect(page.locator("ol.commits > li")).toHaveCount(1);
    });

    test("removing a repository says what goes, and wants its name typed", async ({ maintainer: page, registry, repository, complaints }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      await repository.define(items.token, items.panel);
      await repository.commit("The brand");
      await repository.define(items.token, { ...items.panel, source: "export const panel = 2;\n" });
      await repository.commit("Another panel");
      await registry.serves(repository);
      await registry.command("repo", "hook", "acme-ui");
      await openRepository(page);
      await openTab(page, "Settings");
      await page.getByRole("link", { name: "Remove repository" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Remove acme-ui?" })).toBeVisible();
      await expect(page.getByText("2 components stop being served and answer 404")).toBeVisible();
      await expect(page.getByText("2 versions and 2 recorded commits go.")).toBeVisible();
      await expect(page.getByText("Its webhook goes")).toBeVisible();

      const typed = page.getByLabel("Type acme-ui to confirm");
      await typed.fill("acme");
      await page.getByRole("button", { name: "Remove repository" }).click();
      await expect(page.locator("#name-note")).toContainText("not the repository's name");
      await expect(typed).toHaveValue("acme");
      expect((await page.request.get(`${registry.url}/r/brand-token.json`)).status()).toBe(200);

      await typed.fill("acme-ui");
      await typed.press("Enter");
      await expect(page.getByText("acme-ui was removed. 2 components are not served any more.")).toBeVisible();
      await expect(page.getByRole("heading", { name: "No repositories yet" })).toBeVisible();
      expect((await page.request.get(`${registry.url}/r/brand-token.json`)).status()).toBe(404);
    });

    test("of what is made by hand only the name can be changed", async ({ maintainer: page, registry }) => {
      await page.goto(`${registry.url}/hand/new`);
      await page.getByLabel("Name", { exact: true }).fill("hand-badge");
      const file = page.getByRole("group", { name: "File 1" });
      await file.getByLabel("Path").fill("ui/hand-badge.tsx");
      await file.getByLabel("Text").fill("export const badge = 1;\n");
      await page.getByRole("button", { name: "Publish" }).click();
      await page.getByRole("link", { name: "Repositories" }).click();
      await page.locator("tbody").getByRole("link").first().click();
      await openTab(page, "Settings");
      await expect(page.getByLabel("Address")).toHaveCount(0);
      await expect(page.getByRole("link", { name: "Remove repository" })).toHaveCount(0);
      await page.getByLabel("Name").fill("Made here");
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.getByText("Saved.")).toBeVisible();
      await expect(page.getByRole("heading", { level: 1, name: "Made here" })).toBeVisible();
    });
  });
}

test("what is typed while a sync runs is kept", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("The token");
  await registry.serves(repository);
  await openRepository(page);
  await openTab(page, "Settings");
  let release = () => {};
  const typed = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/api/internal/registry/sync", async (route) => {
    await typed;
    await route.continue();
  });
  await sync(page);
  await expect(page.getByRole("button", { name: "Syncing" })).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("Half a na");
  release();
  await expect(page.getByText("The sync has ended.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Half a na");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`on a narrow ${colorScheme} screen`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("the settings and the removal fit, also when they are refused", async ({ maintainer: page, registry, repository, complaints }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      await repository.define(items.token, items.panel);
      await repository.commit("The brand");
      await registry.serves(repository);
      await openRepository(page);
      await openTab(page, "Settings");
      await expect(page.locator("nav.tabs").getByRole("link", { name: "Settings" })).toBeInViewport();
      await fitsTheScreen(page);
      await page.getByLabel("Name", { exact: true }).fill("long-".repeat(30));
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.locator("#name-note")).toContainText("at most 100");
      await fitsTheScreen(page);
      await page.getByRole("link", { name: "Remove repository" }).click();
      await page.getByLabel("Type acme-ui to confirm").fill("something-else-".repeat(8));
      await page.getByRole("button", { name: "Remove repository" }).click();
      await expect(page.locator("#name-note")).toHaveClass("problem");
      await fitsTheScreen(page);
    });
  });
}

test("the accent that was chosen marks what is open", async ({ maintainer: page, registry }) => {
  await page.goto(`${registry.url}/settings/registry`);
  const mark = () => page.locator(".tabs [aria-current]").evaluate((tab) => getComputedStyle(tab).boxShadow);
  const before = await mark();
  await page.getByRole("radio", { name: "Teal" }).check();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(page.getByRole("radio", { name: "Teal" })).toBeChecked();
  expect(await mark()).not.toBe(before);
  // Each swatch has its own colour, whatever the page's is.
  const swatches = await page.locator(".swatch").evaluateAll((all) => all.map((one) => getComputedStyle(one, "::after").backgroundColor));
  expect(new Set(swatches).size).toBe(5);
});
