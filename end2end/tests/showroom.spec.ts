// Every page with as much on it as a company has: 12 repositories, 500 commits, and 367
// items, shadcn's own where they are at hand.

import { expect, fitsTheScreen, test, throughClerk } from "../support/registry";
import { fill, hasRealItems } from "../support/showroom";
import { everyPage, repositories } from "../support/tour";

test("every page shows what a company has", async ({ maintainer: page, registry, folder, complaints }) => {
  test.skip(throughClerk, "the showroom's repositories are paths on this machine");
  test.setTimeout(300_000);
  if (!hasRealItems) console.log("../shared/fixtures is not there: the items are made up.");
  complaints.allow(/status 4(04|22): .*\/(nowhere|diff\/[^?]*)$/);
  complaints.allow(/console: Failed to load resource.*4(04|22)/);
  const sights = await fill(registry, folder);
  for (const [name, path] of everyPage(sights)) {
    await page.goto(registry.url + path);
    await expect(page.getByRole("heading").first(), name).toBeVisible();
    await fitsTheScreen(page);
  }
  await page.goto(`${registry.url}/registry`);
  await expect(page.locator("table.repositories tbody tr")).toHaveCount(12);
  const told = Object.values(await repositories(registry)).map(async (id) => {
    const answer = await page.request.get(`${registry.url}/registry/${id}`, { headers: { accept: "application/json" } });
    return (await answer.json()).commits as number;
  });
  // One more is the slip that breaks a repository, which no sync has read.
  expect((await Promise.all(told)).reduce((sum, commits) => sum + commits, 0)).toBe(500);
  await page.goto(`${registry.url}/components?limit=1000`);
  expect(await page.getByRole("rowheader").count()).toBeGreaterThan(300);
});
