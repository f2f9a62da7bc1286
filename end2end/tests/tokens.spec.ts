// Settings: how to use the registry, tokens, the audit trail; with and without
// JavaScript, on a narrow screen.

import { expect, fitsTheScreen, organisation, test, throughClerk } from "../support/registry";

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a token is made, replaced and revoked, and all of it is in the audit trail", async ({
      maintainer: page,
      registry,
      complaints,
    }) => {
      complaints.expect(/status 422/);
      complaints.expect(/console: Failed to load resource.*422/);
      const opens = async (token: string) =>
        (await fetch(`${registry.url}/api/internal/components`, { headers: { authorization: `Bearer ${token}` } })).status;

      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).click();
      await expect(page.locator("#init-command")).toHaveText(`npx shadcn@latest init ${registry.url}/r/init.json`);
      await expect(page.locator("#snippet")).toContainText("/r/{name}.json");
      await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Tokens" }).click();
      await expect(page.getByRole("heading", { name: "No tokens yet" })).toBeVisible();

      await page.getByLabel("Name", { exact: true }).fill(" ");
      await page.getByRole("button", { name: "Make token" }).click();
      await expect(page.locator("#name-note")).toContainText("needs a name");
      await page.getByLabel("Name", { exact: true }).fill("the build");
      await page.getByLabel("Sync").check();
      await page.getByLabel("Expires after").selectOption("A year");
      await page.getByRole("button", { name: "Make token" }).click();
      const first = (await page.locator("#made-token").textContent())!;
      expect(first).toMatch(new RegExp(`^ekr_${organisation}_`));
      expect(await opens(first)).toBe(200);

      await page.goto(`${registry.url}/settings/tokens`);
      expect(await page.content()).not.toContain("ekr_org");
      await page.getByRole("link", { name: "Rotate the build" }).click();
      await page.getByLabel("This one goes on working for").selectOption("An hour");
      await page.getByRole("button", { name: "Make the new token" }).click();
      const second = (await page.locator("#made-token").textContent())!;
      expect([await opens(first), await opens(second)]).toEqual([200, 200]);
      await page.getByRole("link", { name: "Done" }).click();

      await page.getByRole("row", { name: /Replaced/ }).getByRole("link", { name: "Revoke the build" }).click();
      await page.getByRole("link", { name: "Cancel" }).click();
      expect(await opens(first)).toBe(200);
      await page.getByRole("row", { name: /Replaced/ }).getByRole("link", { name: "Revoke the build" }).click();
      await page.getByRole("button", { name: "Revoke token" }).click();
      await expect(page.locator(".callout")).toContainText("opens nothing any more");
      expect([await opens(first), await opens(second)]).toEqual([401, 200]);

      await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Audit" }).click();
      // Through Clerk people open their sessions on the platform.
      const opened = throughClerk ? [] : ["session.open"];
      for (const action of ["token.revoke", "token.rotate", "token.create", ...opened]) {
        await expect(page.getByRole("row").getByRole("link", { name: action }).first()).toBeVisible();
      }
      await page.getByLabel("What").selectOption("token.rotate");
      await page.getByRole("button", { name: "Filter" }).click();
      await expect(page.locator("tbody tr")).toHaveCount(1);
      const saved = page.waitForEvent("download");
      await page.getByRole("link", { name: "CSV" }).click();
      expect((await saved).suggestedFilename()).toBe("audit.csv");
    });
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`on a narrow ${colorScheme} screen`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("the settings fit", async ({ maintainer: page, registry }) => {
      await page.goto(`${registry.url}/settings`);
      await fitsTheScreen(page);
      await page.goto(`${registry.url}/settings/tokens`);
      await page.getByLabel("Name", { exact: true }).fill("a-long-name-".repeat(8));
      await page.getByRole("button", { name: "Make token" }).click();
      await expect(page.locator("#made-token")).toBeVisible();
      await fitsTheScreen(page);
      await page.getByRole("link", { name: /^Rotate/ }).click();
      await fitsTheScreen(page);
      await page.goto(`${registry.url}/settings/audit`);
      await fitsTheScreen(page);
    });
  });
}
