// A maintainer's way through the dashboard.

import { addByForm, awake, expect, items, openRepository, openTab, signOut, sync, test, throughClerk } from "../support/registry";

test("the printed link signs in once, and a new one is told how to get", async ({ registry, page, browser }) => {
  test.skip(throughClerk, "there are no links: people sign in on the platform");
  await page.goto(registry.login);
  await expect(page).toHaveURL(`${registry.url}/`);
  await expect(page.getByRole("button", { name: "Account of Local operator" })).toBeVisible();

  const another = await browser.newContext();
  const stranger = await another.newPage();
  await stranger.goto(registry.login);
  await expect(stranger.getByText("This link was used or has expired.")).toBeVisible();
  await expect(stranger.getByText("ekairos-registry login-link")).toBeVisible();
  await another.close();

  const link = JSON.parse(await registry.command("login-link", "--json")).url;
  const third = await browser.newContext();
  const colleague = await third.newPage();
  await colleague.goto(link);
  await expect(colleague.getByRole("button", { name: "Account of Local operator" })).toBeVisible();
  await third.close();
});

test("without a session a page asks to sign in", async ({ registry, page, complaints }) => {
  test.skip(throughClerk, "it leads to the platform: clerk.spec.ts");
  complaints.expect(/status 401: .*\/registry$/);
  complaints.expect(/console: Failed to load resource.*401/);
  await page.goto(`${registry.url}/registry`);
  await expect(page.getByRole("heading", { name: "Sign in to continue" })).toBeVisible();
  await page.getByRole("link", { name: "How to sign in" }).click();
  await expect(page.getByText("ekairos-registry login-link")).toBeVisible();
});

test("an empty registry says what to do next", async ({ maintainer: page }) => {
  await expect(page.getByRole("heading", { name: "No repositories yet" })).toBeVisible();
  await page.getByRole("link", { name: "Components" }).click();
  await expect(page.getByRole("heading", { name: "No components yet" })).toBeVisible();
  await page.getByRole("link", { name: "Add a repository" }).click();
  await expect(page.getByLabel("Repository", { exact: true })).toBeFocused();
});

test("a repository added by the form shows its components when its first sync ends, without a reload", async ({
  maintainer: page,
  repository,
}) => {
  const many = Array.from({ length: 300 }, (_, at) => ({ name: `piece-${String(at).padStart(3, "0")}` }));
  await repository.define(...many);
  await repository.commit("Three hundred pieces");
  await addByForm(page, repository);
  await expect(page.getByRole("link", { name: "piece-000" })).toBeVisible();
  await expect(page.locator("nav.tabs").getByRole("link", { name: "Components 300" })).toBeVisible();
  await expect(page.getByText("Fresh")).toBeVisible();
});

test("a sync asked for by the button shows its progress, then its result, without a reload", async ({
  maintainer: page,
  registry,
  repository,
}) => {
  await repository.define(items.token);
  await repository.commit("The token");
  await registry.serves(repository);
  await openRepository(page);
  await repository.define(items.token, items.panel);
  await repository.commit("The panel");

  let release = () => {};
  const seen = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/api/internal/registry/sync", async (route) => {
    await seen;
    await route.continue();
  });
  await sync(page);
  await expect(page.getByRole("progressbar", { name: "Sync" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Syncing" })).toBeDisabled();
  release();
  await expect(page.getByRole("link", { name: "brand-panel" })).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Sync" })).toBeHidden();
  await expect(page.getByRole("button", { name: "Sync" })).toBeEnabled();
});

test("a sync that fails says why on the page and keeps what was served", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("The token");
  await registry.serves(repository);
  await repository.write("registry.json", "{ not json");
  await repository.commit("A slip");
  await openRepository(page);
  await sync(page);
  await expect(page.getByText("The last sync failed.")).toBeVisible();
  await expect(page.locator(".callout")).toContainText("registry.json");
  await expect(page.getByRole("link", { name: "brand-token" })).toBeVisible();
});

test("a component's page shows its files, what it needs, who uses it, and copies its install command", async ({
  maintainer: page,
  context,
  registry,
  repository,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await repository.define(items.token, items.panel);
  await repository.commit("The brand");
  await registry.serves(repository);
  await openRepository(page);

  await page.getByRole("link", { name: "brand-token" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "brand-token" })).toBeVisible();
  await expect(page.locator("#source")).toContainText("oklch(0.6 0.2 250)");
  await expect(page.getByText("clsx@^2.1")).toBeVisible();

  await awake(page);
  await page.getByLabel("Install").getByRole("button", { name: "Copy" }).first().click();
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toBeAttached();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe("npx shadcn@latest add @registry/brand-token");

  await page.getByRole("complementary", { name: "About" }).getByRole("link", { name: "brand-panel" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "brand-panel" })).toBeVisible();
  await expect(page.getByRole("link", { name: "@registry/brand-token" })).toBeVisible();
  await page.getByRole("link", { name: "panel-state.ts" }).click();
  await expect(page.getByRole("region", { name: "lib/panel-state.ts" })).toBeVisible();
  await openTab(page, "Versions");
  await expect(page.getByText("Served now")).toBeVisible();
  await openTab(page, "Commits");
  await expect(page.locator("ol.commits")).toContainText("The brand");
});

test("the commits tab lists commits newest first, with the components each touched", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("Add the token");
  await repository.define(items.token, items.panel);
  const sha = await repository.commit("Add the panel");
  await registry.serves(repository);
  await openRepository(page);
  await openTab(page, "Commits");
  const rows = page.locator("ol.commits > li");
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("Add the panel");
  await expect(rows.first()).toContainText("Ada");
  await expect(rows.first().getByRole("link", { name: "brand-panel" })).toBeVisible();
  await expect(rows.first().getByRole("button", { name: `Copy commit ${sha.slice(0, 7)}` })).toBeVisible();
  await expect(rows.last()).toContainText("Add the token");
});

test("the findings tab names a broken item, its file and its field, and the rest is served", async ({
  maintainer: page,
  registry,
  repository,
}) => {
  await repository.define(items.token);
  await repository.list(items.token, { name: "half-done" });
  await repository.commit("Half of it");
  await registry.serves(repository);
  await page.reload();
  await expect(page.getByRole("row", { name: /acme-ui/ })).toContainText("Attention");
  await openRepository(page);
  await expect(page.getByRole("link", { name: "brand-token" })).toBeVisible();
  await openTab(page, "Findings");
  const finding = page.locator("ol.findings > li");
  await expect(finding).toHaveCount(1);
  await expect(finding).toContainText("Error");
  await expect(finding).toContainText("half-done");
  await expect(finding).toContainText("registry.json");
  await expect(finding).toContainText("ui/half-done.tsx");
});

test("rolling back serves the earlier snapshot again", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("One");
  await registry.serves(repository);
  await repository.define(items.token, items.panel);
  await repository.commit("Two");
  await registry.command("sync", "acme-ui", "--wait");
  await openRepository(page);
  await expect(page.getByRole("link", { name: "brand-panel" })).toBeVisible();
  await openTab(page, "History");
  await page.getByRole("link", { name: /^Roll back/ }).click();
  await expect(page.getByRole("heading", { name: "Not served any more 1" })).toBeVisible();
  await page.getByRole("button", { name: "Roll back" }).click();
  await expect(page.getByText("Rolled back. 1 item")).toBeVisible();
  await expect(page.getByText("The next commit or change is published on top of it.")).toBeVisible();
  await expect(page.getByRole("row").nth(1)).toContainText("Roll back");
  await expect(page.getByRole("row").nth(1)).toContainText("Served now");
  await openTab(page, "Components");
  await expect(page.getByRole("link", { name: "brand-token" })).toBeVisible();
  await expect(page.getByRole("link", { name: "brand-panel" })).toHaveCount(0);
});

test("components are found by keyboard alone", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token, items.panel);
  await repository.commit("The brand");
  await registry.serves(repository);
  // The islands are awake when the theme's button answers; keys come before that to nobody.
  await expect(page.getByRole("button", { name: /^Theme/ })).toBeEnabled();
  await expect(async () => {
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox", { name: "Search components" })).toBeFocused({ timeout: 1_000 });
  }).toPass();
  await expect(page).toHaveURL(/\/components/);
  await page.keyboard.type("colours of");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=colours\+of/);
  await expect(page.getByRole("link", { name: "brand-token" })).toBeVisible();
  await expect(page.getByRole("link", { name: "brand-panel" })).toHaveCount(0);
  await expect(async () => {
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: "brand-token" })).toBeFocused({ timeout: 1_000 });
  }).toPass();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "brand-token" })).toBeVisible();
});

test("the chosen theme stays through a reload", async ({ maintainer: page }) => {
  const shade = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await shade();
  await expect(async () => {
    await page.getByRole("button", { name: /^Theme/ }).click();
    await expect(page.getByRole("button", { name: "Theme: dark" })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  const dark = await shade();
  expect(dark).not.toBe(light);
  await page.reload();
  expect(await shade()).toBe(dark);
  await expect(page.getByRole("button", { name: "Theme: dark" })).toBeVisible();
  await page.getByRole("button", { name: "Theme: dark" }).click();
  await expect(page.getByRole("button", { name: "Theme: system" })).toBeVisible();
  expect(await shade()).toBe(light);
});

test("an address where nothing is says so, with a way on", async ({ maintainer: page, registry, complaints }) => {
  complaints.expect(/status 404/);
  complaints.expect(/console: Failed to load resource.*404/);
  for (const [path, title] of [
    ["/nowhere/at/all", "No page here"],
    ["/components/absent", "Component not found"],
    ["/registry/absent", "Repository not found"],
  ]) {
    await page.goto(registry.url + path);
    await expect(page.getByRole("heading", { name: title })).toBeVisible();
    await expect(page.locator("main").getByRole("link").first()).toBeVisible();
  }
});

test("signing out ends the session", async ({ maintainer: page, registry, complaints }) => {
  test.skip(throughClerk, "the user button does it: clerk.spec.ts");
  await signOut(page);
  complaints.expect(/status 401/);
  complaints.expect(/console: Failed to load resource.*401/);
  await page.goto(`${registry.url}/registry`);
  await expect(page.getByRole("heading", { name: "Sign in to continue" })).toBeVisible();
});
