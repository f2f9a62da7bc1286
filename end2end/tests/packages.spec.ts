// npm packages in use, and where their ranges differ.

import { expect, fitsTheScreen, test } from "../support/registry";

test("packages whose ranges differ stand out, and lead to who asks for them", async ({ maintainer: page, registry, repository }) => {
  await repository.define(
    { name: "brand-card", dependencies: ["zod@^3.0", "clsx@^2.1"] },
    { name: "brand-form", dependencies: ["zod@^4.0", "clsx@^2.1"] },
    ...Array.from({ length: 9 }, (_, nth) => ({ name: `brand-${nth}`, dependencies: ["clsx@^2.1"] })),
  );
  await repository.commit("The brand");
  await registry.serves(repository);

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Packages" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Packages" })).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveText([/^clsx/, /^zod/]);
  await expect(page.getByRole("rowheader", { name: /zod/ })).toContainText("2 ranges");
  await page.getByText("and 5 more").click();
  await expect(page.getByRole("link", { name: "brand-8" })).toBeVisible();

  await page.getByLabel(/Differing ranges only/).check();
  await expect(page.getByRole("rowheader")).toHaveText([/^zod/]);
  await page.getByRole("link", { name: "brand-form" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "brand-form" })).toBeVisible();

  await page.goto(`${registry.url}/packages?q=nothing`);
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await page.getByRole("link", { name: "Show all" }).click();
  await page.setViewportSize({ width: 360, height: 700 });
  await fitsTheScreen(page);
});
