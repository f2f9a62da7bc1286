// Somebody with a fresh organisation, from their first visit to their first
// component. With EKAIROS_WRITE_DOCS=1 the pages on the way are written as
// pictures to docs/screenshots/onboarding.

import { type Page } from "@playwright/test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Complaints, type Deployment, expect, expectOrganisation, test, widgets } from "../support/clerk";
import { type GitHost } from "../support/git-host";
import { root } from "../support/process";
import { type Item, Repository } from "../support/registry";

const pictures = join(root, "docs/screenshots/onboarding");

/** What the repository of the new organisation holds. */
const components: Item[] = [
  {
    name: "button",
    description: "Starts an action, with a quiet and a loud variant",
    dependencies: ["clsx@^2.1"],
    source: `import { clsx } from "clsx"
import type { ComponentProps } from "react"

export function Button({ loud, className, ...props }: ComponentProps<"button"> & { loud?: boolean }) {
  return (
    <button
      className={clsx("h-8 rounded-md px-3 text-sm", loud && "bg-primary text-primary-foreground", className)}
      {...props}
    />
  )
}
`,
  },
  { name: "field", description: "A label, an input, and what is wrong with it" },
  { name: "panel", description: "A surface with a title and an edge" },
];

async function writeComponents(repository: Repository): Promise<void> {
  await repository.define(...components);
  await repository.commit("The first three components");
}

/** Puts one text in the place of another, wherever the page shows it. */
async function show(page: Page, shown: string, instead: string): Promise<void> {
  await page.evaluate(
    ([shown, instead]) => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) texts.currentNode.nodeValue = texts.currentNode.nodeValue!.replaceAll(shown, instead);
      for (const input of document.querySelectorAll("input")) input.value = input.value.replaceAll(shown, instead);
    },
    [shown, instead],
  );
}

/** A picture of the page. Addresses have ports that are others each time: it shows what stands for them. */
async function picture(page: Page, deployment: Deployment, host: GitHost, name: string): Promise<void> {
  if (!process.env.EKAIROS_WRITE_DOCS) return;
  await mkdir(pictures, { recursive: true });
  const instead = [
    [host.url("norte-ui"), "https://git.example.com/norte-ui"],
    [host.url("norte-ui").replace("http://", ""), "git.example.com/norte-ui"],
    [deployment.url, "https://registry.example.com"],
  ];
  for (const [real, shown] of instead) await show(page, real, shown);
  const scheme = (await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches)) ? "dark" : "light";
  await page.screenshot({ path: join(pictures, `${name}-${scheme}.png`), animations: "disabled", caret: "hide" });
  for (const [real, shown] of instead) await show(page, shown, real);
}

/** An administrator of an organisation without a database. */
async function expectFreshOrganisation(complaints: Complaints): Promise<void> {
  complaints.expect(/status 403: .*\/$/);
  complaints.expect(/console: Failed to load resource.*403/);
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ colorScheme, viewport: { width: 1100, height: 700 } });

    test.beforeEach(async ({ deployment }) => {
      await deployment.organisation("org_norte", "Norte Studio", {});
      await deployment.person("user_nia", "Nia", { org_norte: "org:admin" });
    });

    test("somebody with a fresh organisation reaches their first component without help", async ({ page, deployment, host, folder }) => {
      await writeComponents(await Repository.create(folder, "norte-ui"));
      await deployment.say({ do: "grants", private_metadata: await deployment.database() });

      await page.goto(deployment.url);
      await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
      await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
      await picture(page, deployment, host, "1-sign-in");
      await page.getByRole("button", { name: "Nia" }).click();

      await expect(page).toHaveURL(new RegExp(`^${deployment.platform}/platform/grant`));
      await picture(page, deployment, host, "2-set-up");
      await page.getByRole("button", { name: "Norte Studio" }).click();

      await expect(page).toHaveURL(`${deployment.url}/`);
      await expectOrganisation(page, "Norte Studio");
      await expect(page.getByRole("heading", { name: "No repositories yet" })).toBeVisible();
      await widgets(page);
      await picture(page, deployment, host, "3-empty");

      await page.getByRole("link", { name: "Add a repository" }).click();
      await page.getByLabel("Repository", { exact: true }).fill(host.url("norte-ui"));
      await widgets(page);
      await picture(page, deployment, host, "4-add-repository");
      await page.getByRole("button", { name: "Add and sync" }).click();

      await expect(page.getByRole("heading", { level: 1, name: "norte-ui" })).toBeVisible();
      await expect(page.locator(".repository-head .state.fresh")).toBeVisible();
      await widgets(page);
      await picture(page, deployment, host, "5-synced");

      await page.getByRole("link", { name: "button", exact: true }).click();
      await expect(page.getByRole("heading", { level: 1, name: "button" })).toBeVisible();
      await expect(page.locator("#install-npm")).toContainText("npx shadcn@latest add");
      await expect(page.getByText("A project needs a token to install from here.")).toBeVisible();
      await widgets(page);
      await picture(page, deployment, host, "6-component");

      await page.getByRole("link", { name: "Set a project up" }).click();
      await expect(page.getByRole("heading", { name: "Set up a project" })).toBeVisible();
      await widgets(page);
      await picture(page, deployment, host, "7-set-up-a-project");
    });

    test("an organisation that is not ready yet says what is missing, and goes on by itself", async ({ page, deployment, host, complaints }) => {
      await expectFreshOrganisation(complaints);
      await page.goto(deployment.url);
      await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Nia" }).click();
      await page.getByRole("button", { name: "Norte Studio" }).click();

      await expect(page.getByRole("heading", { name: "Finish setting up" })).toBeVisible();
      await expect(page.getByText("instant.appId")).toBeVisible();
      await expect(page.getByText("This page tries again by itself.")).toBeVisible();
      await widgets(page);
      await picture(page, deployment, host, "8-not-ready");

      await deployment.organisation("org_norte", "Norte Studio");
      // Nothing is pressed.
      await expect(page.getByRole("heading", { name: "No repositories yet" })).toBeVisible();
    });
  });
}
