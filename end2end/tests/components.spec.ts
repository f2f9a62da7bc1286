// Finding components: as someone types, by facets, by keyboard, without
// scripts, and among ten thousand.

import { awake, expect, fitsTheScreen, test, type Item, type Page, type Registry, type Repository, type Route } from "../support/registry";

const brand: Item[] = [
  { name: "dialog", description: "A window above the page", dependencies: ["zod@^3.0"] },
  { name: "alert-dialog", description: "A window that asks", categories: ["overlays"] },
  { name: "sidebar", description: "Navigation at the edge", type: "registry:block", dependencies: ["zod@^4.0"] },
  { name: "calendar", description: "Days and months", categories: ["forms"], dependencies: ["date-fns@^4.0"] },
];

async function serve(registry: Registry, repository: Repository, items: Item[] = brand): Promise<void> {
  await repository.define(...items);
  await repository.commit("The brand");
  await registry.serves(repository);
}

const field = (page: Page) => page.getByRole("searchbox");
const rows = (page: Page) => page.getByRole("rowheader");

test("results follow what is typed, with its mistakes, and the address keeps them", async ({ maintainer: page, registry, repository }) => {
  await serve(registry, repository);
  await page.goto(`${registry.url}/components`);
  await awake(page);
  await field(page).pressSequentially("dilaog");
  await expect(rows(page)).toHaveText([/^dialog/, /^alert-dialog/]);
  await expect(page.locator("#results mark").first()).toHaveText("dialog");
  await expect(page.getByRole("status").filter({ hasText: "2 components" })).toBeAttached();
  await expect(page).toHaveURL(/\/components\?q=dilaog$/);
  await expect(field(page)).toBeFocused();

  // Down to the results, into one, and back to where they were.
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("link", { name: "dialog", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "dialog" })).toBeVisible();
  await page.goBack();
  await expect(field(page)).toHaveValue("dilaog");
  await expect(rows(page)).toHaveText([/^dialog/, /^alert-dialog/]);

  // Whoever gets the address sees the same.
  await page.goto(page.url());
  await expect(rows(page)).toHaveText([/^dialog/, /^alert-dialog/]);
  await awake(page);
  await field(page).focus();
  await page.keyboard.press("Escape");
  await expect(rows(page)).toHaveCount(4);
  await expect(field(page)).toHaveValue("");
  await expect(field(page)).toBeFocused();
  await expect(page).toHaveURL(/\/components$/);
});

test("an older answer never replaces a newer one", async ({ maintainer: page, registry, repository }) => {
  await serve(registry, repository);
  await page.goto(`${registry.url}/components`);
  await awake(page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const over = new Promise<void>((resolve, reject) => {
    const answer = async (route: Route) => {
      const response = await route.fetch();
      await held;
      // The page may have given it up by then.
      await route.fulfill({ response }).catch(() => {});
    };
    void page.route(/q=cal$/, (route) => answer(route).then(resolve, reject));
  });
  const asked = page.waitForRequest(/q=cal$/);
  await field(page).fill("cal");
  await asked;
  await field(page).fill("sidebar");
  await expect(rows(page)).toHaveText([/^sidebar/]);
  release();
  await over;
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(rows(page)).toHaveText([/^sidebar/]);
  await expect(page).toHaveURL(/q=sidebar$/);
});

test("a server that does not answer is told, and what is shown stays", async ({ maintainer: page, registry, repository, complaints }) => {
  complaints.expect(/request failed: .*q=dialog/);
  complaints.allow(/console: Failed to load resource/);
  await serve(registry, repository);
  await page.goto(`${registry.url}/components`);
  await awake(page);
  await page.route(/q=dialog$/, (route) => route.abort("connectionrefused"));
  await field(page).fill("dialog");
  await expect(page.getByRole("alert").filter({ hasText: "The server does not answer" })).toBeVisible();
  await expect(rows(page)).toHaveCount(4);
  await field(page).fill("calendar");
  await expect(rows(page)).toHaveText([/^calendar/]);
  await expect(page.getByText("The server does not answer")).toBeHidden();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("facets combine, and each is undone", async ({ maintainer: page, registry, repository }) => {
      await serve(registry, repository);
      await page.goto(`${registry.url}/components`);
      const filter = page.getByRole("navigation", { name: "Filter" });
      await filter.getByRole("link", { name: /^zod/ }).click();
      await expect(rows(page)).toHaveText([/^dialog/, /^sidebar/]);
      await filter.getByRole("link", { name: /^block/ }).click();
      await expect(rows(page)).toHaveText([/^sidebar/]);
      await expect(page).toHaveURL(/type=registry%3Ablock&package=zod/);
      await page.getByRole("link", { name: "Remove package zod" }).click();
      await expect(page).toHaveURL(/\/components\?type=registry%3Ablock$/);
      await page.goBack();
      await expect(page).toHaveURL(/package=zod/);
      await page.getByRole("link", { name: "Clear filters" }).click();
      await expect(rows(page)).toHaveCount(4);

      await page.goto(`${registry.url}/components?q=calendar&package=zod`);
      await expect(page.getByRole("heading", { name: "Nothing matches “calendar”" })).toBeVisible();
      await page.getByRole("link", { name: "Without “zod”" }).click();
      await expect(rows(page)).toHaveText([/^calendar/]);
      await page.goto(`${registry.url}/components?q=calendars-2`);
      await page.getByText("Did you mean").getByRole("link", { name: "calendar" }).click();
      await expect(rows(page)).toHaveText([/^calendar/]);
    });

    test("the form searches and sorts", async ({ maintainer: page, registry, repository }) => {
      await serve(registry, repository);
      await page.goto(`${registry.url}/components?type=registry%3Aui`);
      if (javaScriptEnabled) await awake(page);
      const search = page.getByRole("button", { name: "Search" });
      await field(page).fill("dialog");
      if (!javaScriptEnabled) await search.click();
      else await expect(search).toBeHidden();
      await expect(rows(page)).toHaveText([/^dialog/, /^alert-dialog/]);
      await page.getByLabel("Sort by").selectOption("Name");
      if (!javaScriptEnabled) await search.click();
      await expect(rows(page)).toHaveText([/^alert-dialog/, /^dialog/]);
      await expect(page).toHaveURL(/q=dialog.*sort=name/);
      await expect(page).toHaveURL(/type=registry%3Aui/);

      await page.goto(`${registry.url}/packages`);
      if (javaScriptEnabled) await awake(page);
      await field(page).fill("dtae-fns");
      if (!javaScriptEnabled) await search.click();
      await expect(rows(page)).toHaveText([/^date-fns/]);
      await field(page).fill("");
      await page.getByLabel(/Differing ranges only/).check();
      if (!javaScriptEnabled) await search.click();
      await expect(rows(page)).toHaveText([/^zod/]);
      await page.getByRole("rowheader").getByRole("link", { name: "zod" }).click();
      await expect(rows(page)).toHaveText([/^dialog/, /^sidebar/]);
    });
  });
}

test("a phone gets all of it", async ({ maintainer: page, registry, repository }) => {
  await serve(registry, repository);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${registry.url}/components`);
  const filter = page.getByRole("navigation", { name: "Filter" });
  await expect(filter).toBeHidden();
  await page.getByText("Filter", { exact: true }).click();
  await filter.getByRole("link", { name: /^overlays/ }).click();
  await expect(rows(page)).toHaveText([/^alert-dialog/]);
  await fitsTheScreen(page);
  await page.setViewportSize({ width: 320, height: 700 });
  await fitsTheScreen(page);
  await page.goto(`${registry.url}/packages`);
  await fitsTheScreen(page);
});

test("ten thousand components are searched, narrowed and paged", async ({ maintainer: page, registry, repository }) => {
  const nouns = ["button", "calendar", "dialog", "sidebar", "table", "toolbar", "wizard", "menu"];
  const files = [{ path: "ui/shared.tsx", type: "registry:ui" }];
  const many = Array.from({ length: 10_000 }, (_, nth) => ({
    name: `${nouns[nth % nouns.length]}-${nth}`,
    description: `The ${nth}th of many`,
    type: nth % 5 ? "registry:ui" : "registry:block",
    dependencies: nth % 3 ? [] : [`package-${nth % 60}@^1.0`],
    files,
  }));
  await repository.write("ui/shared.tsx", "export const shared = true\n");
  await repository.list(...many);
  await repository.commit("Many");
  await registry.serves(repository);
  await page.goto(`${registry.url}/components`);
  await awake(page);
  await expect(page.getByText("10,000 components", { exact: true })).toBeVisible();
  await expect(rows(page)).toHaveCount(50);

  await field(page).pressSequentially("calender-8", { delay: 20 });
  await expect(page).toHaveURL(/q=calender-8$/);
  await expect(page.locator("#results mark").first()).toBeVisible();
  await field(page).fill("wizard-9998");
  await expect(rows(page)).toHaveText([/^wizard-9998/]);
  await page.goto(`${registry.url}/components?type=registry%3Ablock&offset=1950`);
  await expect(rows(page)).toHaveCount(50);
  await expect(page.getByText("1,951–2,000 of 2,000 components")).toBeVisible();
  await page.getByRole("link", { name: "Previous" }).click();
  await expect(page).toHaveURL(/offset=1900/);

  // As many at once as somebody asks for, up to a thousand; the pages keep it.
  await page.goto(`${registry.url}/components?limit=1000`);
  await expect(rows(page)).toHaveCount(1_000);
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/limit=1000.*offset=1000|offset=1000.*limit=1000/);
  await expect(page.getByText("1,001–2,000 of 10,000 components")).toBeVisible();
});
