// Signing in through Clerk, with the real clerk-js: widgets, organisations, tabs.

import { chromium, type Page } from "@playwright/test";
import { Complaints, Deployment, expect, expectOrganisation, signIn, test, widgets, withoutClerkJs } from "../support/clerk";

/** Whoever has several organisations chooses one first: that page is a refusal. */
function expectChoice(complaints: Complaints): void {
  complaints.expect(/status 403: .*\/registry$/);
  complaints.expect(/console: Failed to load resource.*403/);
}

/** Signs Ann in, and enters an organisation. */
async function enter(page: Page, deployment: Deployment, complaints: Complaints, name = "Acme"): Promise<void> {
  expectChoice(complaints);
  await signIn(page, deployment, "Ann");
  await page.locator("main").getByRole("link", { name: "Choose an organisation" }).click();
  await page.getByRole("link", { name: `Choose ${name}`, exact: true }).click();
  await expect(page).toHaveURL(`${deployment.url}/`);
  await expectOrganisation(page, name);
}

/** Where the parts of the frame are. */
async function places(page: Page): Promise<unknown> {
  return page.evaluate(() =>
    [".brand", ".sections", ".account", ".slot.organisation", ".slot.person", "main h1"].map((selector) => {
      const { x, y, width, height } = document.querySelector(selector)!.getBoundingClientRect();
      return [selector, x, y, width, height];
    }),
  );
}

test("whoever signs in on the platform gets the page that they asked for, and nothing moves", async ({ page, deployment }) => {
  await page.route(/\/npm\//, async (route) => {
    await held;
    await route.continue();
  });
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await signIn(page, deployment, "Abe", "/components?q=brand");
  await expectOrganisation(page, "Acme");
  await expect(page.getByRole("link", { name: "Switch organisation, now Acme" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Account of Abe" })).toHaveText("A");
  const before = await places(page);
  release();
  await widgets(page);
  expect(await places(page), "the widgets moved something").toEqual(before);
  await expect(page.locator("#organisation-switcher")).toContainText("Acme");
  await page.locator("#user-button").getByRole("button").click();
  await expect(page.getByRole("dialog").getByText("abe@example.com")).toBeVisible();
});

test("an organisation chosen in the switcher is that of the next page, and of every open tab", async ({ page, context, deployment, complaints }) => {
  await enter(page, deployment, complaints);
  await widgets(page);
  const open = await context.newPage();
  await open.goto(`${deployment.url}/components`);
  await expectOrganisation(open, "Acme");
  await page.bringToFront();
  await page.locator("#organisation-switcher").getByRole("button").click();
  await page.getByRole("button", { name: "B Beta" }).click();
  await expectOrganisation(page, "Beta");
  await expect(page).toHaveURL(`${deployment.url}/`);
  await expectOrganisation(open, "Beta");
  await expect(open).toHaveURL(`${deployment.url}/components`);
});

test("an organisation chosen by a script is that of the page, too", async ({ page, deployment, complaints }) => {
  await enter(page, deployment, complaints);
  await widgets(page);
  await page.evaluate("Clerk.setActive({ organization: 'org_beta' })");
  await expectOrganisation(page, "Beta");
});

for (const way of ["by the user button", "by the plain form"]) {
  test(`whoever signs out ${way} is out, in every tab`, async ({ page, context, deployment, complaints }) => {
    // The other tab's clerk-js may ask once more before it hears of it.
    complaints.allow(/status 401: .*\/__clerk\//);
    complaints.allow(/console: Failed to load resource.*401.*\/__clerk\//);
    await signIn(page, deployment, "Abe");
    await widgets(page);
    const open = await context.newPage();
    await open.goto(`${deployment.url}/components`);
    await expectOrganisation(open, "Acme");
    await page.bringToFront();
    if (way === "by the user button") {
      await page.locator("#user-button").getByRole("button").click();
      await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    } else {
      await page.evaluate(() => document.getElementById("account-menu")!.showPopover());
      await page.locator("#account-menu").getByRole("button", { name: "Sign out" }).click();
    }
    await expect(page.getByRole("heading", { name: "Signed out" })).toBeVisible();
    // The other tab asks for its page again, and is led to where people sign in.
    await expect(open).toHaveURL(new RegExp(`^${deployment.platform}/sign-in`));
  });
}

test("without clerk-js the plain links stay, and do it all", async ({ page, deployment, complaints }) => {
  await withoutClerkJs(page.context(), complaints);
  await enter(page, deployment, complaints);
  await page.getByRole("link", { name: "Switch organisation, now Acme" }).click();
  await page.getByRole("link", { name: "Choose Beta", exact: true }).click();
  await expectOrganisation(page, "Beta");
  await page.getByRole("button", { name: "Account of Ann" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Signed out" })).toBeVisible();
});

test.describe("on sub-domains of one domain", () => {
  test.use({ setup: { kind: "production", domain: "ekairos.test" } });

  test("an organisation switched on another sub-domain is noticed on return", async ({ deployment, complaints: _ }) => {
    const origins = [deployment.url, deployment.platform].join(",");
    const browser = await chromium.launch({
      executablePath: test.info().project.use.launchOptions?.executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--host-resolver-rules=MAP *.ekairos.test 127.0.0.1",
        // As if over https: browsers tell servers less over http.
        `--unsafely-treat-insecure-origin-as-secure=${origins}`,
      ],
    });
    const context = await browser.newContext();
    const complaints = new Complaints(context, true);
    const page = await context.newPage();
    await enter(page, deployment, complaints);
    await widgets(page);
    const back = encodeURIComponent(`${deployment.url}/components`);
    await page.goto(`${deployment.platform}/platform/integrations/github?returnUrl=${back}`);
    await deployment.say({ do: "switch", user: "user_ann", organization: "org_beta" });
    await page.getByRole("link", { name: "Back" }).click();
    await expect(page).toHaveURL(`${deployment.url}/components`);
    await expectOrganisation(page, "Beta");
    await widgets(page);
    complaints.close();
    await browser.close();
    complaints.check();
  });
});
