// Nothing jumps: what a page shows stays where it is, while it loads and while it is used.

import { slowLine } from "../support/pieces";
import { awake, expect, test, throughClerk, type Page } from "../support/registry";
import { everyPage, smallRegistry } from "../support/tour";

/** Has the browser write down whatever moves; shifts after an input, too. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: string[] = ((window as unknown as { shifts: string[] }).shifts = []);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; sources: { node?: Node }[] })[]) {
        const nodes = entry.sources.map(({ node }) => (node instanceof Element ? `${node.localName}.${node.className}` : node?.nodeName));
        // A hundredth of a percent of the screen is what a late face makes of one short word.
        if (entry.value >= 0.00005) seen.push(`${entry.value.toFixed(4)} ${nodes.join(", ")}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** What has moved on this page so far. */
async function shifts(page: Page): Promise<string[]> {
  // Two frames: what is laid out by now has been told by then.
  return page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return (window as unknown as { shifts: string[] }).shifts;
  });
}

test("no page moves while it loads, also where faces and scripts come late", async ({ maintainer: page, registry, folder, complaints }) => {
  test.setTimeout(300_000);
  complaints.allow(/status 4\d\d/);
  complaints.allow(/console: Failed to load resource/);
  // A face that is not used in time stays unused.
  complaints.allow(/preloaded using link preload but not used/);
  const stops = everyPage(await smallRegistry(registry, folder));
  await watch(page);
  const moved: Record<string, string[]> = {};
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const [name, path] of stops) {
      await page.goto(registry.url + path, { waitUntil: "networkidle" });
      const seen = await shifts(page);
      if (seen.length > 0) moved[`${name} at ${width}`] = seen;
    }
  }
  expect(moved).toEqual({});
});

test("no page moves where it comes in pieces", async ({ maintainer: page, registry, folder, complaints }) => {
  test.skip(throughClerk, "sessions of Clerk do not come through another address; the pages are the same");
  complaints.allow(/preloaded using link preload but not used/);
  const sights = ["home", "repository-broken", "repository-history", "component"];
  const stops = everyPage(await smallRegistry(registry, folder)).filter(([name]) => sights.includes(name));
  await watch(page);
  const moved: Record<string, string[]> = {};
  await slowLine(registry.url, async (url) => {
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      for (const [name, path] of stops) {
        await page.goto(url + path, { waitUntil: "networkidle" });
        const seen = await shifts(page);
        if (seen.length > 0) moved[`${name} at ${width}`] = seen;
      }
    }
  });
  expect(moved).toEqual({});
});

test("nothing moves when something is copied, opened or coloured", async ({ maintainer: page, registry, folder, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { component } = await smallRegistry(registry, folder);
  await watch(page);
  await page.goto(`${registry.url}/components/${component}`, { waitUntil: "networkidle" });
  await awake(page);
  await page.getByRole("button", { name: "Copy", exact: true }).first().click();
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toBeAttached();
  await page.getByRole("button", { name: /^Theme/ }).click();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option").first()).toBeVisible();
  await page.keyboard.type("brand");
  await expect(page.getByRole("option", { name: "brand-panel" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  expect(await shifts(page)).toEqual([]);
});
