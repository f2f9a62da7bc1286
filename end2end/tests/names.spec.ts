// Components made by hand, and names over time: with and without JavaScript, in
// both themes, on a narrow screen.

import type { Page } from "@playwright/test";
import { byMaintainer, expect, fitsTheScreen, items, openRepository, openTab, settled, test, type Registry } from "../support/registry";

/** Fills the form for a new component. */
async function typeComponent(page: Page, name: string, text: string): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  const file = page.getByRole("group", { name: "File 1" });
  await file.getByLabel("Path").fill(`ui/${name}.tsx`);
  await file.getByLabel("Text").fill(text);
}

async function makeByHand(page: Page, registry: Registry, name: string, text = "export const made = 1;\n"): Promise<void> {
  await page.goto(`${registry.url}/hand/new`);
  await typeComponent(page, name, text);
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

async function served(page: Page, registry: Registry, name: string) {
  return page.request.get(`${registry.url}/r/${name}.json`, { maxRedirects: 0 });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a component is made, edited and removed by hand, and rolled back", async ({ maintainer: page, registry, complaints }) => {
      complaints.expect(/status 410: .*\/components\//);
      complaints.expect(/console: Failed to load resource.*410/);
      await page.getByRole("link", { name: "Components" }).click();
      await page.getByRole("link", { name: "New component" }).click();
      await typeComponent(page, "hand-badge", "\n// begins with an empty line\nexport const badge = 1;\n");
      await page.getByLabel("npm packages").fill("clsx\nzod@^3");
      await page.getByRole("button", { name: "Add another file" }).click();
      await expect(page.getByLabel("npm packages"), "what was typed is kept").toHaveValue("clsx\nzod@^3");
      const second = page.getByRole("group", { name: "File 2" });
      await second.getByLabel("Path").fill("lib/badge-state.ts");
      await second.getByLabel("Type").selectOption("lib");
      await second.getByLabel("Text").fill("export const state = 2;\n");
      await page.getByRole("button", { name: "Add another file" }).click();
      await page.getByRole("button", { name: "Remove file 3" }).click();
      await expect(page.getByRole("group", { name: "File 3" })).toHaveCount(0);
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.getByText("It is served now.")).toBeVisible();

      const first = await (await served(page, registry, "hand-badge")).json();
      expect(first.dependencies).toEqual(["clsx", "zod@^3"]);
      expect(first.files.map((file: { type: string; content: string }) => [file.type, file.content])).toEqual([
        ["registry:ui", "\n// begins with an empty line\nexport const badge = 1;\n"],
        ["registry:lib", "export const state = 2;\n"],
      ]);

      await page.getByRole("link", { name: "Edit" }).click();
      await expect(page.getByLabel("Name", { exact: true })).toHaveValue("hand-badge");
      const file = page.getByRole("group", { name: "File 1" }).getByLabel("Text");
      await expect(file).toHaveValue("\n// begins with an empty line\nexport const badge = 1;\n");
      await file.fill("export const badge = 3;\n");
      await page.getByLabel("Description").fill("Says how many");
      await page.getByRole("button", { name: "Publish changes" }).click();
      await expect(page.getByText("The changes are served now.")).toBeVisible();
      await expect(page.locator("#source")).toContainText("badge = 3");
      await openTab(page, "Versions");
      await expect(page.locator("table.versions tbody tr")).toHaveCount(2);

      await page.getByRole("link", { name: "Remove" }).click();
      await expect(page.getByText("No other component of this registry needs it.")).toBeVisible();
      await page.getByRole("button", { name: "Remove" }).click();
      await expect(page.getByText("It was removed and is not served.")).toBeVisible();
      expect((await served(page, registry, "hand-badge")).status()).toBe(410);

      await page.getByRole("link", { name: "See the history" }).click();
      await expect(page.locator("table.history tbody tr")).toHaveCount(3);
      await expect(page.locator("table.history tbody tr").first()).toContainText(byMaintainer);
      await page.getByRole("link", { name: /^Roll back/ }).first().click();
      await expect(page.getByRole("heading", { name: "Served again 1" })).toBeVisible();
      await page.getByRole("button", { name: "Roll back" }).click();
      await expect(page.getByText("Rolled back. 1 item")).toBeVisible();
      const back = await (await served(page, registry, "hand-badge")).json();
      expect(back.files[0].content).toBe("export const badge = 3;\n");
    });

    test("what is wrong stands beside its field, and what was typed stays", async ({ maintainer: page, registry, complaints }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      await page.goto(`${registry.url}/hand/new`);
      await typeComponent(page, "registry", "export const x = 1;\n");
      await page.getByRole("group", { name: "File 1" }).getByLabel("Target").fill("../outside.tsx");
      await page.getByLabel("npm packages").fill("--global");
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
      await expect(page.locator("#name-note")).toContainText("own routes");
      await expect(page.locator("#file-0-target-note")).toContainText("The CLI refuses the target");
      await expect(page.locator("#dependencies-note")).toContainText("begins with -");
      await expect(page.getByRole("group", { name: "File 1" }).getByLabel("Text")).toHaveValue("export const x = 1;\n");
      await page.getByLabel("Name", { exact: true }).fill("hand-card");
      await page.getByLabel("npm packages").fill("");
      await page.getByRole("group", { name: "File 1" }).getByLabel("Target").fill("");
      // Enter publishes, though other buttons come first.
      await page.getByLabel("Title").press("Enter");
      await expect(page.getByText("It is served now.")).toBeVisible();

      await page.goto(`${registry.url}/hand/new`);
      await typeComponent(page, "hand-card", "other\n");
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.locator("#name-note")).toContainText("already");
    });

    test("of two editors the second is told, and keeps what was typed", async ({ maintainer: page, context, registry, complaints }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      await makeByHand(page, registry, "hand-badge");
      await page.goto(`${registry.url}/hand/edit/hand-badge`);
      const other = await context.newPage();
      await other.goto(`${registry.url}/hand/edit/hand-badge`);
      await other.getByRole("group", { name: "File 1" }).getByLabel("Text").fill("theirs\n");
      await other.getByRole("button", { name: "Publish changes" }).click();
      await expect(other.getByText("The changes are served now.")).toBeVisible();

      await page.getByRole("group", { name: "File 1" }).getByLabel("Text").fill("mine\n");
      await page.getByRole("button", { name: "Publish changes" }).click();
      await expect(page.getByText("Someone else changed this component after you began.")).toBeVisible();
      await expect(page.getByRole("group", { name: "File 1" }).getByLabel("Text")).toHaveValue("mine\n");
      expect((await (await served(page, registry, "hand-badge")).json()).files[0].content).toBe("theirs\n");
      await page.getByRole("button", { name: "Publish changes" }).click();
      await expect(page.getByText("The changes are served now.")).toBeVisible();
      expect((await (await served(page, registry, "hand-badge")).json()).files[0].content).toBe("mine\n");
    });

    test("an item is edited as JSON, and what the form has no field for is kept", async ({ maintainer: page, registry, complaints }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      await makeByHand(page, registry, "hand-theme");
      await page.getByRole("link", { name: "Edit" }).click();
      await page.getByRole("button", { name: "Edit as JSON" }).click();
      const text = page.getByLabel("Registry item");
      const item = JSON.parse(await text.inputValue());
      item.cssVars = { light: { brand: "oklch(0.6 0.2 250)" } };
      await text.fill("{ not json");
      await page.getByRole("button", { name: "Publish changes" }).click();
      await expect(page.getByText("This is not JSON")).toBeVisible();
      await expect(text).toHaveValue("{ not json");
      await text.fill(JSON.stringify(item, null, 2));
      await page.getByRole("button", { name: "Edit in the form" }).click();
      await page.getByLabel("Title").fill("A theme");
      await page.getByRole("button", { name: "Publish changes" }).click();
      await expect(page.getByText("The changes are served now.")).toBeVisible();
      const now = await (await served(page, registry, "hand-theme")).json();
      expect([now.title, now.cssVars.light.brand]).toEqual(["A theme", "oklch(0.6 0.2 250)"]);
    });

    test("who needs a component is named before it is removed", async ({ maintainer: page, registry }) => {
      await makeByHand(page, registry, "hand-badge");
      await page.goto(`${registry.url}/hand/new`);
      await typeComponent(page, "hand-panel", "panel\n");
      await page.getByLabel("Components it needs").fill("@registry/hand-badge");
      await page.getByRole("button", { name: "Publish" }).click();
      await page.goto(`${registry.url}/hand/remove/hand-badge`);
      await expect(page.locator(".callout")).toContainText("1 component needs it.");
      await expect(page.locator(".callout").getByRole("link", { name: "hand-panel" })).toBeVisible();
      await page.getByRole("link", { name: "Cancel" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "hand-badge" })).toBeVisible();
    });

    test("a removed component gets a replacement, and its name is released to who waits", async ({
      maintainer: page,
      registry,
      repository,
      complaints,
    }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      complaints.expect(/status 404/);
      complaints.expect(/console: Failed to load resource.*404/);
      complaints.expect(/status 410: .*\/components\//);
      complaints.expect(/console: Failed to load resource.*410/);
      await makeByHand(page, registry, "brand-token");
      await page.goto(`${registry.url}/hand/remove/brand-token`);
      await page.getByRole("button", { name: "Remove" }).click();
      await repository.define(items.panel, items.token);
      await repository.commit("The brand");
      await registry.serves(repository);
      await openRepository(page);
      await openTab(page, "Findings");
      await expect(page.locator("ol.findings > li").first()).toContainText("name release brand-token");

      await page.getByRole("link", { name: "Components" }).first().click();
      await page.getByRole("link", { name: "Removed and aliases" }).click();
      await page.getByRole("link", { name: "brand-token" }).click();
      await page.getByLabel("Component").fill("no-such-thing");
      await page.getByRole("button", { name: "Save" }).click();
      await expect(page.locator("#by-note")).toContainText("no component");
      await expect(page.getByLabel("Component")).toHaveValue("no-such-thing");
      await page.getByLabel("Component").fill("brand-panel");
      await page.getByRole("button", { name: "Save" }).click();
      await expect(page.locator(".callout").last()).toContainText("told to use brand-panel");

      await page.getByRole("link", { name: "Release the name" }).click();
      await expect(page.getByText("Pinned states go with it")).toBeVisible();
      await page.getByRole("button", { name: "Release" }).click();
      await expect(page.getByText("it waited for the name: acme-ui")).toBeVisible();
      await expect(async () => {
        expect((await served(page, registry, "brand-token")).status()).toBe(200);
      }).toPass();
      const none = await page.goto(`${registry.url}/names/release/brand-token`);
      expect(none!.status()).toBe(404);
    });

    test("aliases are made and removed, a namespace moves names, and old addresses lead on", async ({
      maintainer: page,
      registry,
      repository,
      complaints,
    }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      await repository.define(items.token);
      await repository.commit("The token");
      await registry.serves(repository);
      await page.goto(`${registry.url}/names?tab=aliases`);
      await page.getByLabel("Name", { exact: true }).fill("token");
      await page.getByLabel("Leads to").fill("brand-tokn");
      await page.getByRole("button", { name: "Add alias" }).click();
      await expect(page.locator("#to-note")).toContainText("Did you mean");
      await expect(page.getByLabel("Name", { exact: true })).toHaveValue("token");
      await page.getByLabel("Leads to").fill("brand-token");
      await page.getByRole("button", { name: "Add alias" }).click();
      await expect(page.getByText("token leads to brand-token now.")).toBeVisible();
      expect((await served(page, registry, "token")).headers().location).toBe("/r/brand-token.json");

      await openRepository(page);
      await openTab(page, "Settings");
      await page.getByRole("link", { name: "Change namespace" }).click();
      await page.getByLabel("Namespace").fill("not a namespace");
      await page.getByRole("button", { name: "Change namespace" }).click();
      await expect(page.locator("#namespace-note")).toContainText("letters, digits");
      await page.getByLabel("Namespace").fill("team");
      const shown = page.waitForEvent("load");
      await page.getByRole("button", { name: "Change namespace" }).click();
      await shown;
      // With JavaScript the page is shown anew when the sync ends, maybe at once.
      if (!javaScriptEnabled) await expect(page.getByText("served below team/.")).toBeVisible();
      await settled(page, javaScriptEnabled);
      for (const old of ["token", "brand-token"]) {
        await page.goto(`${registry.url}/components/${old}`);
        await expect(page).toHaveURL(`${registry.url}/components/team/brand-token`);
      }
      await page.goto(`${registry.url}/names?tab=aliases`);
      await page.getByRole("button", { name: "Remove the alias token", exact: true }).click();
      await page.getByRole("dialog", { name: "Remove the alias token?" }).getByRole("button", { name: "Remove it" }).click();
      await expect(page.getByText("token leads nowhere now.")).toBeVisible();
      await expect(page.locator("table.names tbody tr")).toHaveCount(1);
    });
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`on a narrow ${colorScheme} screen`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("no page of names or of components by hand scrolls sideways", async ({ maintainer: page, registry, repository, complaints }, info) => {
      complaints.expect(/status 410: .*\/components\//);
      complaints.expect(/console: Failed to load resource.*410/);
      const long = "a-component-with-a-name-that-is-much-longer-than-anyone-would-ever-think-sensible";
      await repository.define(items.token, items.panel);
      await repository.commit("The brand");
      await registry.serves(repository);
      await repository.define(items.token);
      await repository.commit("No panel");
      await registry.command("sync", "acme-ui", "--wait");
      await registry.command("alias", "add", "an-alias-of-a-name-that-goes-on-and-on-for-longer-than-is-good", "brand-token");
      await makeByHand(page, registry, long, `// ${"very ".repeat(80)}long line\n`);
      await makeByHand(page, registry, "hand-badge");
      await openRepository(page);
      const id = new URL(page.url()).pathname;
      await openTab(page, "History");
      const rollback = await page.getByRole("link", { name: /^Roll back/ }).getAttribute("href");
      for (const address of [
        "/hand/new",
        `/hand/edit/${long}`,
        `/hand/remove/${long}`,
        `/components/${long}`,
        "/components/brand-panel",
        "/components",
        "/names",
        "/names?tab=aliases",
        "/names/release/brand-panel",
        `${id}/namespace`,
        rollback!,
      ]) {
        await page.goto(registry.url + address);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await fitsTheScreen(page);
        if (process.env.PICTURES) {
          const name = address.replace(/[^a-z]+/g, "-").slice(0, 60);
          await page.screenshot({ path: `${process.env.PICTURES}/${colorScheme}${name}.png`, fullPage: true });
        }
      }
      expect(info.errors).toEqual([]);
    });
  });
}
