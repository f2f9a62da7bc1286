// Tests of deployments that sign people in through Clerk.

import { type BrowserContext, type Page } from "@playwright/test";
import { Deployment, type Setup } from "./deployment";
import { GitHost } from "./git-host";
import { Complaints, expect, test as base } from "./registry";

/** Waits until Clerk's widgets have taken the place of the plain area. */
export async function widgets(page: Page): Promise<void> {
  await expect(page.locator(".slot.organisation[data-mounted]")).toBeVisible();
  await expect(page.locator(".slot.person[data-mounted]")).toBeVisible();
}

/** No page of this browser reaches clerk-js. */
export async function withoutClerkJs(context: BrowserContext, complaints: Complaints): Promise<void> {
  complaints.expect(/request failed: GET .*\/npm\//);
  complaints.expect(/console: Failed to load resource: net::ERR_FAILED/);
  await context.route(/\/npm\//, (route) => route.abort());
}

/** The organisation that the page is made for, as the server wrote it. */
export async function expectOrganisation(page: Page, name: string): Promise<void> {
  await expect(page.locator(".slot.organisation .plain .name")).toHaveText(name);
}

interface Fixtures {
  setup: Setup;
  deployment: Deployment;
  host: GitHost;
}

/** Acme and Beta, with Ann who administers both and Abe who is a member of Acme. */
export const test = base.extend<Fixtures>({
  setup: [{ kind: "production" }, { option: true }],
  deployment: async ({ folder, setup, complaints }, use) => {
    const deployment = await Deployment.start(folder, setup);
    await deployment.organisation("org_acme", "Acme");
    await deployment.organisation("org_beta", "Beta");
    await deployment.person("user_ann", "Ann", { org_acme: "org:admin", org_beta: "org:admin" });
    await deployment.person("user_abe", "Abe", { org_acme: "org:member" });
    await use(deployment);
    complaints.close();
    await deployment.stop();
  },
  host: async ({ folder }, use) => {
    const host = await GitHost.start(folder);
    await use(host);
    await host.stop();
  },
});

export { signIn } from "./deployment";
export { Complaints, Deployment, expect };
