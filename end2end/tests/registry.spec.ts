// The list of repositories, one of them, and what a sync tells while it runs and
// when it is done.

import { GitHost } from "../support/git-host";
import { expect, fitsTheScreen, items, openRepository, openTab, Registry, Repository, sync, test, throughClerk } from "../support/registry";
import { randomBytes } from "node:crypto";
import type { Page } from "@playwright/test";

/** Three repositories: one that is well, one with a finding, one that broke. */
async function threeRepositories(registry: Registry, folder: string): Promise<void> {
  const [well, half, broken] = await Promise.all(["well", "half", "broken"].map((name) => Repository.create(folder, name)));
  await well.define({ name: "well-card" });
  await well.commit("Add the card\n\nIt was asked for.");
  await half.define({ name: "half-card" });
  await half.list({ name: "half-card" }, { name: "half-done" });
  await half.commit("Half of it");
  await broken.define({ name: "broken-card" });
  await broken.commit("Whole");
  for (const repository of [well, half, broken]) await registry.serves(repository);
  await broken.write("registry.json", "{ not json");
  await broken.commit("A slip");
  await registry.command("sync", "broken", "--wait").catch(() => {});
}

const row = (page: Page, name: string) => page.locator("table.repositories tbody tr").filter({ has: page.getByRole("link", { name, exact: true }) });

test("the list tells each repository's state, branch, commit, count, last sync and next step", async ({ maintainer: page, registry, folder }) => {
  await threeRepositories(registry, folder);
  await page.reload();
  const well = row(page, "well");
  await expect(well).toContainText("Fresh");
  await expect(well).toContainText("Add the card");
  await expect(well).not.toContainText("It was asked for");
  await expect(well).toContainText("main");
  await expect(well.getByRole("button", { name: /^Copy commit/ })).toBeVisible();
  await expect(well.locator("[data-of=components]")).toContainText("1");
  await expect(well.locator("[data-of=sync]")).toContainText(/took \d+(\.\d)? m?s/);
  await expect(well.getByRole("img", { name: "The last 1 sync went well" })).toBeVisible();

  await expect(row(page, "half")).toContainText("1 error");
  await expect(row(page, "half").getByRole("link", { name: "See the findings" })).toHaveAttribute("href", /tab=findings/);
  const broken = row(page, "broken");
  await expect(broken).toContainText("registry.json is not JSON");
  await expect(broken.getByRole("img", { name: "Of the last 2 syncs, 1 failed" })).toBeVisible();
  await broken.getByRole("link", { name: "See the report" }).click();
  await expect(page.locator(".reports > li").first()).toContainText("registry.json is not JSON");
});

test("the list is narrowed to what is broken, and walked by keyboard", async ({ maintainer: page, registry, folder }) => {
  await threeRepositories(registry, folder);
  await page.reload();
  const states = page.getByRole("navigation", { name: "By state" });
  await expect(states.getByRole("link")).toHaveText(["All3", "Broken1", "Attention1", "Fresh1"]);
  await states.getByRole("link", { name: "Broken" }).click();
  await expect(page.locator("table.repositories tbody tr")).toHaveCount(1);
  await states.getByRole("link", { name: "All" }).click();
  await expect(async () => {
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: "broken", exact: true })).toBeFocused({ timeout: 1_000 });
  }).toPass();
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: "half", exact: true })).toBeFocused();
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "broken" })).toBeVisible();
});

test("a sync's report names what changed, and each finding with file, item, field and a fix", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("The token");
  await registry.serves(repository);
  await repository.define(items.token, items.panel);
  await repository.list(items.token, items.panel, { name: "half-done" });
  const sha = await repository.commit("The panel, and half of another");
  await registry.command("sync", "acme-ui", "--wait");
  await openRepository(page);
  await page.getByRole("link", { name: /^1 added, 1 held back, took/ }).click();

  const reports = page.locator(".reports > li");
  await expect(reports).toHaveCount(2);
  const newest = reports.first();
  await expect(newest.getByRole("button", { name: `Copy commit ${sha.slice(0, 7)}` })).toBeVisible();
  await expect(newest.getByRole("link", { name: "brand-panel" })).toBeVisible();
  const finding = newest.locator("ol.findings > li");
  for (const told of ["half-done", "registry.json", "files.0.path", "missing-file", "ui/half-done.tsx"]) await expect(finding).toContainText(told);
  await expect(finding.locator(".fix")).not.toBeEmpty();

  // Older reports are opened by keyboard.
  const older = reports.last();
  await expect(older.getByRole("link", { name: "brand-token" })).toBeHidden();
  await older.locator("summary").focus();
  await page.keyboard.press("Enter");
  await expect(older.getByRole("link", { name: "brand-token" })).toBeVisible();
});

test("a failed sync says why at once, and what to do", async ({ maintainer: page, registry, folder }) => {
  await threeRepositories(registry, folder);
  await openRepository(page, "broken");
  await expect(page.getByText("The last sync failed.")).toBeVisible();
  await expect(page.locator(".callout")).toContainText("registry.json is not JSON");
  await expect(page.locator(".callout")).toContainText("Correct the JSON");
  await expect(page.locator(".callout")).toContainText("is still served");
  await openTab(page, "Syncs");
  const newest = page.locator(".reports > li").first();
  await expect(newest.locator("details")).toHaveAttribute("open");
  await expect(newest.locator(".report")).toContainText("Correct the JSON");
});

test("commits stand below their day", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("Add the token");
  await registry.serves(repository);
  await openRepository(page);
  await openTab(page, "Commits");
  const day = page.locator("section.day");
  await expect(day).toHaveCount(1);
  await expect(day.getByRole("heading")).toHaveText("1 Jan 2026");
  await expect(day.locator("ol.commits > li")).toContainText("Add the token");
});

test("the head shows whether the webhook's deliveries arrive", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("The token");
  await registry.serves(repository);
  await openRepository(page);
  const address = page.url();
  await page.goto(`${address}/webhook`);
  await page.getByRole("button", { name: "Make a webhook" }).click();
  const hook = (await page.locator("#webhook-address").textContent()) ?? "";
  await page.goto(address);
  const light = page.locator(".facts div").filter({ hasText: "Webhook" });
  await expect(light).toContainText("No delivery yet");
  await fetch(hook, { method: "POST", body: "{}", headers: { "x-github-event": "push", "x-hub-signature-256": "sha256=00" } });
  await page.reload();
  await expect(light).toContainText("Refused");
  await expect(light).toContainText("just now");
  await light.getByRole("link").click();
  await expect(page.getByText("Last delivery refused")).toBeVisible();
});

test("the time between two looks returns to what is configured for all", async ({ maintainer: page, registry, repository }) => {
  await repository.define(items.token);
  await repository.commit("The token");
  await registry.serves(repository);
  await openRepository(page);
  await openTab(page, "Settings");
  const field = page.getByLabel("Time between looks");
  await expect(field).toHaveValue("");
  await expect(field).toHaveAttribute("placeholder", "off, as configured");
  await field.fill("7m");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(field).toHaveValue("7m");
  await field.fill("");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await expect(field).toHaveValue("");
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(`with JavaScript ${javaScriptEnabled ? "on" : "off"}`, () => {
    test.use({ javaScriptEnabled });

    test("a form whose session has ended keeps what was typed and is sent again", async ({ maintainer: page, registry, context, complaints }) => {
      test.skip(throughClerk, "clerk-sessions.spec.ts does it there");
      complaints.expect(/status 401: .*\/registry\/new$/);
      complaints.expect(/console: Failed to load resource.*401/);
      await page.goto(`${registry.url}/registry/new`);
      await page.getByLabel("Repository", { exact: true }).fill("/srv/typed/path");
      await context.clearCookies();
      await page.getByRole("button", { name: "Add and sync" }).click();
      await expect(page.getByRole("heading", { name: "Your session has to be renewed" })).toBeVisible();
      await page.getByText("What you sent").click();
      await expect(page.getByText("/srv/typed/path")).toBeVisible();

      const link = JSON.parse(await registry.command("login-link", "--json")).url;
      const other = await context.newPage();
      await other.goto(link);
      await expect(other).toHaveURL(`${registry.url}/`);
      await other.close();
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      await page.getByRole("button", { name: "Send again" }).click();
      await expect(page.getByLabel("Repository", { exact: true })).toHaveValue("/srv/typed/path");
      await expect(page.locator("#url-note")).toContainText("/srv/typed/path");
    });
  });
}

test("the settings say who is in the organisation, or what local mode is", async ({ maintainer: page }) => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).click();
  await openTab(page, "Members");
  if (throughClerk) {
    await expect(page.getByRole("row", { name: /Ann/ })).toContainText("Administrator");
    await expect(page.getByRole("row", { name: /Ann/ })).toContainText("you");
  } else {
    await expect(page.getByRole("heading", { name: "Local mode: one operator" })).toBeVisible();
    await expect(page.getByText("ekairos-registry login-link")).toBeVisible();
  }
});

/** A registry that may fetch from this machine, and a git host on it that can be held up. */
const slow = test.extend<{ host: GitHost }>({
  registry: async ({ folder, complaints }, use) => {
    const registry = await Registry.start(folder, { EKAIROS_ALLOW_HOSTS: "127.0.0.1=127.0.0.0/8" });
    await use(registry);
    complaints.close();
    await registry.stop();
  },
  host: async ({ folder }, use) => {
    const host = await GitHost.start(folder);
    await use(host);
    await host.stop();
  },
});

/** A card whose source git cannot make small: its pack is sent in two parts. */
async function addLargeCard(repository: Repository): Promise<void> {
  const source = `export const noise = ${JSON.stringify(randomBytes(64 * 1024).toString("base64"))};\n`;
  await repository.define(items.token, { name: "large-card", source });
  await repository.commit("The card");
}

/** A repository of the host, synced once; the page is on it. */
async function served(page: Page, registry: Registry, host: GitHost, repository: Repository): Promise<void> {
  await repository.define(items.token);
  await repository.commit("The token");
  const url = host.url(`${repository.path.split("/").pop()}/.git`);
  await registry.command("repo", "add", url);
  await registry.command("sync", url, "--wait");
  await page.reload();
  await page.getByRole("link", { name: "acme-ui", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

slow("two tabs watch one sync, through a reload, to its report", async ({ maintainer: page, registry, repository, host, context }) => {
  await served(page, registry, host, repository);
  await addLargeCard(repository);
  const release = host.hold();
  await sync(page);
  const bar = (of: Page) => of.getByRole("progressbar", { name: "Sync" });
  await expect(bar(page)).toBeVisible();
  await expect(page.locator(".live .stage")).toHaveText("Receiving objects");
  await expect(page.locator(".phases li").first()).toHaveCSS("font-weight", "550");

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(bar(other)).toBeVisible();
  await page.reload();
  await expect(bar(page)).toBeVisible();
  await expect(page.getByRole("button", { name: "Syncing" })).toBeDisabled();
  const list = await context.newPage();
  await list.goto(`${registry.url}/registry`);
  await expect(bar(list)).toBeVisible();

  release();
  for (const tab of [page, other]) {
    await expect(tab.getByRole("link", { name: "large-card" })).toBeVisible();
    await expect(tab.getByRole("link", { name: /^1 added, took/ })).toBeVisible();
    await expect(bar(tab)).toBeHidden();
  }
  await expect(row(list, "acme-ui")).toContainText("Fresh");
});

slow("nothing on the page moves when a sync begins", async ({ maintainer: page, registry, repository, host }) => {
  await served(page, registry, host, repository);
  await addLargeCard(repository);
  const release = host.hold();
  const places = () => page.locator(".tabs, .facts, form.sync .button, table.list").evaluateAll((all) => all.map((one) => JSON.stringify(one.getBoundingClientRect())));
  const before = await places();
  await sync(page);
  await expect(page.getByRole("progressbar", { name: "Sync" })).toBeVisible();
  expect(await places()).toEqual(before);
  await fitsTheScreen(page);
  release();
  await expect(page.getByRole("link", { name: "large-card" })).toBeVisible();
});

slow("a server that is restarted under an open page: the page says so, and shows the end of the sync", async ({
  maintainer: page,
  registry,
  repository,
  host,
  complaints,
}) => {
  slow.skip(throughClerk, "the server is started anew with its own data only in local mode");
  complaints.allow(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  await served(page, registry, host, repository);
  await addLargeCard(repository);
  const release = host.hold();
  await sync(page);
  await expect(page.locator(".live .stage")).toHaveText("Receiving objects");
  await registry.restart(async () => {
    await expect(page.locator(".live .stage")).toHaveText("The server does not answer. Trying again");
    release();
  });
  await expect(page.getByText("The last sync failed.")).toBeVisible();
  await expect(page.locator(".callout")).toContainText("start it again");
  await sync(page);
  await expect(page.getByRole("link", { name: "large-card" })).toBeVisible();
});
