// The page of a repository's webhook: made, read, replaced and removed, with
// and without JavaScript, in both themes, on a narrow screen.

import { createHmac } from "node:crypto";
import { expect, fitsTheScreen, items, openRepository, openTab, organisation, test, type Registry } from "../support/registry";
import type { Page } from "@playwright/test";

/** Sends what GitHub would, signed with this secret; answers the status. */
async function deliver(address: string, secret: string, event: string, id: string, body: string): Promise<number> {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const answer = await fetch(address, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": id,
      "x-hub-signature-256": `sha256=${signature}`,
    },
  });
  return answer.status;
}

async function openWebhook(page: Page): Promise<void> {
  await openRepository(page);
  await openTab(page, "Settings");
  await page.getByRole("link", { name: /webhook$/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Webhook" })).toBeVisible();
}

/** The address and the secret as the page has them. */
async function read(page: Page): Promise<[string, string]> {
  const text = async (id: string) => (await page.locator(`#webhook-${id}`).textContent()) ?? "";
  return [await text("address"), await text("secret")];
}

/** How light the page's ground is, from 0 to 255. */
async function lightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const pixel = document.createElement("canvas").getContext("2d")!;
    pixel.fillStyle = getComputedStyle(document.body).backgroundColor;
    pixel.fillRect(0, 0, 1, 1);
    return pixel.getImageData(0, 0, 1, 1).data[1];
  });
}

async function makesReplacesAndRemoves(page: Page, registry: Registry): Promise<void> {
  await openWebhook(page);
  await page.getByRole("button", { name: "Make a webhook" }).click();
  await expect(page.getByText("No delivery yet")).toBeVisible();
  await expect(page.getByText("no other host can reach it")).toBeVisible();
  const [address, secret] = await read(page);
  expect(address).toContain(`${registry.url}/api/internal/registry/webhook/${organisation}.`);
  await expect(page.locator("#webhook-secret")).toBeHidden();
  await page.getByText("Show the secret").click();
  await expect(page.locator("#webhook-secret")).toHaveText(secret);

  expect(await deliver(address, secret, "ping", "one", "{}")).toBe(200);
  expect(await deliver(address, "another", "ping", "two", "{}")).toBe(401);
  await page.reload();
  await expect(page.getByText("Last delivery refused")).toBeVisible();
  const rows = page.locator(".deliveries > li");
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(0)).toContainText("Refused");
  await expect(rows.nth(0)).toContainText("the secret at GitHub is not the registry's");
  await expect(rows.nth(1)).toContainText("Ping");

  await page.getByRole("button", { name: "Make a new secret" }).click();
  await page.getByRole("dialog", { name: "Make a new secret?" }).getByRole("button", { name: "Make it" }).click();
  await expect(page.getByText("Enter it at the host.", { exact: false }).first()).toBeVisible();
  const [sameAddress, newSecret] = await read(page);
  expect(sameAddress).toBe(address);
  expect(newSecret).not.toBe(secret);
  expect(await deliver(address, newSecret, "ping", "three", "{}")).toBe(200);
  await page.reload();
  await expect(page.getByText("Last delivery arrived")).toBeVisible();

  const question = page.getByRole("dialog", { name: "Remove the webhook of acme-ui?" });
  await page.getByRole("button", { name: "Remove the webhook" }).click();
  await expect(question).toContainText("never come back");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(question).toBeHidden();
  expect(await deliver(address, newSecret, "ping", "kept", "{}")).toBe(200);
  await page.getByRole("button", { name: "Remove the webhook" }).click();
  await question.getByRole("button", { name: "Remove it" }).click();
  await expect(page.getByText("No webhook yet")).toBeVisible();
  expect(await deliver(address, newSecret, "ping", "four", "{}")).toBe(404);
}

test.describe("with JavaScript", () => {
  test("a webhook is made, replaced and removed", async ({ maintainer, registry, repository }) => {
    await repository.define(items.token);
    await repository.commit("The brand");
    await registry.serves(repository);
    await makesReplacesAndRemoves(maintainer, registry);
  });

  test("address and secret are copied", async ({ maintainer: page, registry, repository, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await repository.define(items.token);
    await repository.commit("The brand");
    await registry.serves(repository);
    await openWebhook(page);
    await page.getByRole("button", { name: "Make a webhook" }).click();
    await page.getByText("Show the secret").click();
    for (const [nth, text] of (await read(page)).entries()) {
      await page.getByRole("button", { name: "Copy" }).nth(nth).click();
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(text);
    }
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a webhook is made, replaced and removed by plain forms", async ({ maintainer, registry, repository }) => {
    await repository.define(items.token);
    await repository.commit("The brand");
    await registry.serves(repository);
    await makesReplacesAndRemoves(maintainer, registry);
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`on a narrow ${colorScheme} screen`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });

    test("the page fits, with everything open", async ({ maintainer: page, registry, repository }, info) => {
      await repository.define(items.token);
      await repository.commit("The brand");
      await registry.serves(repository);
      await openWebhook(page);
      await fitsTheScreen(page);
      await page.getByRole("button", { name: "Make a webhook" }).click();
      const [address, secret] = await read(page);
      await deliver(address, secret, "an-event-with-a-name-that-goes-on-and-on-and-on-and-on-for-long", "x".repeat(128), "{}");
      await deliver(address, "another", "push", "two", "{}");
      await page.reload();
      for (const summary of await page.locator("main summary").all()) await summary.click();
      await fitsTheScreen(page);
      expect(await lightness(page) > 128).toBe(colorScheme === "light");
      await page.screenshot({ path: info.outputPath(`webhook-${colorScheme}.png`), fullPage: true });
    });
  });
}
