// A repository with several registries: all of them are offered.

import type { Locator, Page } from "@playwright/test";
import { addByForm, expect, fitsTheScreen, settled, test } from "../support/registry";
import type { Repository } from "../support/registry";

async function twoApps(repository: Repository): Promise<void> {
  for (const app of ["docs", "www"]) {
    const files = [{ path: "button.tsx", type: "registry:ui" }];
    const items = [{ name: `${app}-button`, type: "registry:ui", files }];
    await repository.write(`apps/${app}/registry.json`, JSON.stringify({ name: app, homepage: "https://acme.example", items }));
    await repository.write(`apps/${app}/button.tsx`, "export const Button = () => null\n");
  }
  await repository.commit("Two apps");
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled, viewport: { width: 390, height: 844 } });

    /** With JavaScript the page shows by itself what a sync found. */
    async function appears(page: Page, what: Locator): Promise<void> {
      if (javaScriptEnabled) return expect(what).toBeVisible();
      await expect(async () => {
        await page.reload();
        await expect(what).toBeVisible({ timeout: 1_000 });
      }).toPass();
    }

    test("the other registries of a repository are offered and added with a click", async ({ maintainer: page, repository }) => {
      await twoApps(repository);
      await addByForm(page, repository);
      const offers = page.getByRole("region", { name: "This repository has another registry." });
      await appears(page, offers);
      // Until then the page may be shown anew.
      await settled(page, javaScriptEnabled);
      await fitsTheScreen(page);
      await offers.getByLabel("Namespace of apps/www").fill("www");
      await offers.getByRole("button", { name: "Add apps/www" }).click();
      await expect(page.getByRole("heading", { name: "acme-ui apps/www" })).toBeVisible();
      await appears(page, page.getByRole("link", { name: "www/www-button" }));
      await expect(offers).toHaveCount(0);
    });
  });
}
