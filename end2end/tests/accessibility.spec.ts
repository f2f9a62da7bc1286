// WCAG 2.2 AA as far as axe sees it, on every page, in both themes and with forced
// colours; and every page fits every screen.

import AxeBuilder from "@axe-core/playwright";
import { expect, fitsTheScreen, test, throughClerk, type Page } from "../support/registry";
import { everyPage, outside, smallRegistry, type Stop } from "../support/tour";

test.use({ reducedMotion: "reduce" } as object);

const standard = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds on the page as it stands. What Clerk draws in its widgets is Clerk's. */
async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).exclude(".slot .widget").withTags(standard).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} (${failureSummary?.split("\n").slice(1, 2).join(" ").trim()})`),
  );
}

/** Looks at each page in each theme; tells all that is wrong at once. */
async function look(page: Page, url: string, stops: Stop[]): Promise<void> {
  const found: Record<string, string[]> = {};
  for (const [name, path] of stops) {
    await page.goto(url + path);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const wrong = await violations(page);
      if (wrong.length > 0) found[`${name}, ${colorScheme}`] = wrong;
    }
    const moving = await page.evaluate(() => document.getAnimations().length);
    expect(moving, `${name} moves although that was declined`).toBe(0);
  }
  expect(found).toEqual({});
}

/** Pages that answer with an error are part of the tour. */
const errors = [/status 4\d\d/, /console: Failed to load resource/];

test("axe finds nothing on any page, light or dark", async ({ maintainer: page, registry, folder, complaints }) => {
  test.setTimeout(300_000);
  errors.forEach((error) => complaints.allow(error));
  await look(page, registry.url, everyPage(await smallRegistry(registry, folder)));
});

test("axe finds nothing on empty pages, nor on those of strangers", async ({ maintainer: page, registry, complaints }) => {
  test.setTimeout(300_000);
  errors.forEach((error) => complaints.allow(error));
  await look(page, registry.url, [
    ["home", "/"],
    ["repositories", "/registry"],
    ["components", "/components"],
    ["packages", "/packages"],
    ["activity", "/activity"],
    ["names", "/names"],
    ["tokens", "/settings/tokens"],
  ]);
  test.skip(throughClerk, "strangers are led to the platform");
  await page.context().clearCookies();
  await look(page, registry.url, outside);
});

test("axe finds nothing where a list stands beside the page", async ({ maintainer: page, registry, folder }) => {
  const stops = everyPage(await smallRegistry(registry, folder)).filter(([name]) => name === "component" || name === "repository");
  await page.setViewportSize({ width: 1920, height: 1000 });
  await look(page, registry.url, stops);
});

test("axe finds nothing in the palette and in the list of shortcuts", async ({ maintainer: page, registry, folder }) => {
  await smallRegistry(registry, folder);
  await page.goto(`${registry.url}/components`);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [key, name] of [["Control+k", "Search pages, repositories and components"], ["?", "Keyboard shortcuts"]]) {
      const dialog = page.getByRole("dialog", { name });
      await expect(async () => {
        await page.keyboard.press(key);
        await expect(dialog).toBeVisible({ timeout: 1_000 });
      }).toPass();
      if (key !== "?") await expect(page.getByRole("option", { name: "Tokens" })).toBeVisible();
      expect(await violations(page), `${name}, ${colorScheme}`).toEqual([]);
      await page.keyboard.press("Escape");
      await expect(dialog).toBeHidden();
    }
  }
});

test("every page fits every screen from 320 pixels to 4K", async ({ maintainer: page, registry, folder, complaints }) => {
  test.setTimeout(300_000);
  errors.forEach((error) => complaints.allow(error));
  const stops = everyPage(await smallRegistry(registry, folder));
  const wide: string[] = [];
  for (const [name, path] of stops) {
    await page.goto(registry.url + path);
    for (const width of [320, 390, 1440, 2560, 3840]) {
      await page.setViewportSize({ width, height: 800 });
      await fitsTheScreen(page).catch(() => wide.push(`${name} at ${width}`));
      // The sections, the search and the account are there whatever the width.
      for (const part of ["nav.sections a:last-child", ".find", "#theme"]) {
        const box = await page.locator(part).boundingBox();
        if (!box || box.x < 0 || box.x + box.width > width) wide.push(`${part} of ${name} at ${width}`);
      }
    }
  }
  // Spanish takes more room.
  await page.context().addCookies([{ name: "language", value: "es", url: registry.url }]);
  await page.setViewportSize({ width: 320, height: 800 });
  for (const [name, path] of stops) {
    await page.goto(registry.url + path);
    await expect(page.locator("html[lang=es]")).toBeAttached();
    await fitsTheScreen(page).catch(() => wide.push(`${name} in Spanish`));
  }
  expect(wide).toEqual([]);
});

test("with forced colours the text stays readable", async ({ maintainer: page, registry, folder }) => {
  const { good, component } = await smallRegistry(registry, folder);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ forcedColors: "active", colorScheme, reducedMotion: "reduce" });
    for (const path of ["/registry", `/registry/${good}`, `/components/${component}`, "/settings/tokens"]) {
      await page.goto(registry.url + path);
      const { violations } = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
      expect(violations.flatMap(({ nodes }) => nodes.map(({ html, failureSummary }) => [html, failureSummary])), `${path}, ${colorScheme}`).toEqual([]);
    }
  }
});
