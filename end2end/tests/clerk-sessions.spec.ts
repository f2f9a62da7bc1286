// Sessions of Clerk that grow old, browsers without scripts, and people who may
// look and not change.

import { type BrowserContext, type Page } from "@playwright/test";
import { Deployment, expect, expectOrganisation, signIn, test, widgets, withoutClerkJs } from "../support/clerk";
import { sync } from "../support/registry";

/** An hour passes: the session token in the browser is that old. */
async function anHourLater(context: BrowserContext, deployment: Deployment, user: string): Promise<void> {
  const { token } = await deployment.say({ do: "token", user, origin: deployment.url, age: 3600 });
  expect(token, "somebody is signed in").toBeTruthy();
  const cookies = await context.cookies(deployment.url);
  const now = Math.floor(Date.now() / 1000);
  for (const cookie of cookies.filter(({ name }) => /^__session|^__client_uat/.test(name))) {
    const value = cookie.name.startsWith("__session") ? String(token) : String(now - 3700);
    await context.addCookies([{ ...cookie, value, expires: now + 3600 }]);
  }
}

for (const kind of ["production", "development"] as const) {
  test.describe(`at a ${kind} instance`, () => {
    test.use({ setup: { kind } });

    test("an expired session is renewed on the way to the page", async ({ page, context, deployment, complaints }) => {
      if (kind === "development") complaints.expect(/console: Clerk: Clerk has been loaded with development keys/);
      await signIn(page, deployment, "Abe", "/components?q=brand");
      await widgets(page);
      await page.goto("about:blank");
      await anHourLater(context, deployment, "user_abe");
      const way: string[] = [];
      page.on("request", (request) => request.isNavigationRequest() && way.push(new URL(request.url()).pathname));
      await page.goto(`${deployment.url}/components?q=brand`);
      await expect(page).toHaveURL(`${deployment.url}/components?q=brand`);
      await expectOrganisation(page, "Acme");
      await widgets(page);
      expect(way.filter((path) => path.endsWith("/v1/client/handshake"))).toHaveLength(1);
    });
  });
}

async function addToken(page: Page, deployment: Deployment): Promise<void> {
  await page.goto(`${deployment.url}/settings/tokens`);
  await page.getByLabel("Name").fill("a name that took long to think of");
}

test("a form whose session ended is given back, and taken once it is renewed", async ({ page, context, deployment, complaints }) => {
  await deployment.person("user_ann", "Ann", { org_acme: "org:admin" });
  complaints.expect(/status 401: .*\/settings\/tokens/);
  complaints.expect(/console: Failed to load resource.*401/);
  // Nothing keeps the session fresh.
  await withoutClerkJs(context, complaints);
  await signIn(page, deployment, "Ann");
  await addToken(page, deployment);
  await anHourLater(context, deployment, "user_ann");
  await page.getByRole("button", { name: "Make token" }).click();
  await expect(page.getByRole("heading", { name: "Your session has to be renewed" })).toBeVisible();
  await page.getByText("What you sent").click();
  await expect(page.getByText("a name that took long to think of")).toBeVisible();
  const [tab] = await Promise.all([
    context.waitForEvent("page"),
    page.getByRole("link", { name: "Sign in, in a new tab" }).click(),
  ]);
  await expect(tab.getByRole("heading", { name: "Signed in" })).toBeVisible();
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByText("The token a name that took long to think of is made.")).toBeVisible();
});

test("a form of another organisation is given back, and goes where it is sent", async ({ page, context, deployment, complaints }) => {
  complaints.expect(/status 403: .*\/registry$/);
  complaints.expect(/console: Failed to load resource.*403/);
  complaints.expect(/status 409: .*\/settings\/tokens/);
  // clerk-js would go back to the organisation of the tab that has the focus.
  await withoutClerkJs(context, complaints);
  complaints.expect(/console: Failed to load resource.*409/);
  await signIn(page, deployment, "Ann");
  await page.goto(`${deployment.url}/organisations/org_acme/enter`);
  await expectOrganisation(page, "Acme");
  await addToken(page, deployment);
  const other = await context.newPage();
  await other.goto(`${deployment.url}/organisations/org_beta/enter`);
  await expectOrganisation(other, "Beta");
  // What was typed is still there, though the other tab is elsewhere by now.
  await expect(page.getByLabel("Name")).toHaveValue("a name that took long to think of");
  await page.getByRole("button", { name: "Make token" }).click();
  await expect(page.getByRole("heading", { name: "The organisation changed" })).toBeVisible();
  await page.getByRole("button", { name: "Send it to Beta" }).click();
  await expect(page.getByText("The token a name that took long to think of is made.")).toBeVisible();
  await expect(page.locator("#made-token")).toContainText("ekr_org_beta_");
});

test("a page that stays open for long asks for a sync with a new session", async ({ page, context, deployment, host, repository, complaints }) => {
  complaints.expect(/status 401: .*\/api\/internal\/registry\/sync/);
  complaints.expect(/console: Failed to load resource.*401/);
  await deployment.person("user_ann", "Ann", { org_acme: "org:admin" });
  await repository.define({ name: "button" });
  await repository.commit("Begin");
  await signIn(page, deployment, "Ann", "/registry/new");
  await page.getByLabel("Repository", { exact: true }).fill(host.url("acme-ui"));
  await page.getByRole("button", { name: "Add and sync" }).click();
  await expect(page.locator(".repository-head .state.fresh")).toBeVisible();
  await widgets(page);
  // Time stands still for clerk-js, which would keep the session fresh, and an hour passes.
  await page.clock.pauseAt(Date.now() + 1000);
  await anHourLater(context, deployment, "user_ann");
  const asked: number[] = [];
  page.on("response", (response) => response.url().endsWith("/registry/sync") && asked.push(response.status()));
  await sync(page);
  await expect.poll(() => asked).toEqual([401, expect.any(Number)]);
  expect(asked[1]).toBeLessThan(300);
});

test("a member sees what they may do, and who can do the rest", async ({ page, deployment }) => {
  await signIn(page, deployment, "Abe");
  await expect(page.getByRole("heading", { name: "No repositories yet" })).toBeVisible();
  await expect(page.getByText("Administrators of your organisation can add repositories.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Add a repository" })).toHaveCount(0);
  for (const path of ["/registry", "/components", "/names", "/names?tab=aliases", "/settings"]) {
    await page.goto(deployment.url + path);
    await expect(page.locator("main form[method=post]")).toHaveCount(0);
    await expect(page.locator('main a[href^="/hand/"], main a[href="/registry/new"]')).toHaveCount(0);
    await expect(page.locator('main a[href^="/settings/tokens"], main a[href^="/settings/audit"]')).toHaveCount(0);
  }
  await expect(page.getByText("Administrators of your organisation can make tokens")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("somebody signs in, chooses organisations, uses a form, and signs out", async ({ page, deployment, complaints }) => {
    complaints.expect(/status 403: .*\/registry$/);
    complaints.expect(/console: Failed to load resource.*403/);
    await signIn(page, deployment, "Ann");
    await page.locator("main").getByRole("link", { name: "Choose an organisation" }).click();
    await page.getByRole("link", { name: "Choose Beta", exact: true }).click();
    await expectOrganisation(page, "Beta");
    await page.getByRole("link", { name: "Switch organisation, now Beta" }).click();
    await page.getByRole("link", { name: "Choose Acme", exact: true }).click();
    await expectOrganisation(page, "Acme");
    await addToken(page, deployment);
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.locator("#made-token")).toContainText("ekr_org_acme_");
    await page.getByRole("button", { name: "Account of Ann" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Signed out" })).toBeVisible();
  });
});
