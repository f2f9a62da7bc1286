// Pictures of every page, for docs/screenshots: EKAIROS_WRITE_DOCS=1 npx playwright test screenshots.
// The clock stands still and the data are the same each time, so making them anew changes little.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, Registry, test as base, throughClerk, type Page } from "../support/registry";
import { root, run } from "../support/process";
import { fill, hasRealItems, today } from "../support/showroom";
import { everyPage, type Stop } from "../support/tour";

const folderOfPictures = join(root, "docs/screenshots");

/** What has programs believe that it is `today`: libfaketime's variables. */
async function stoppedClock(): Promise<NodeJS.ProcessEnv> {
  const at = new Date(today).toISOString().slice(0, 19).replace("T", " ");
  const { stdout } = await run("faketime", ["-f", `@${at}`, "env"], { env: { PATH: process.env.PATH, TZ: "UTC" } });
  const lines = stdout.split("\n").filter((line) => /^(LD_PRELOAD|FAKETIME)/.test(line));
  return { ...Object.fromEntries(lines.map((line) => line.split(/=(.*)/s))), FAKETIME_DONT_FAKE_MONOTONIC: "1", TZ: "UTC" };
}

const test = base.extend({
  registry: async ({ folder, complaints }, use) => {
    const registry = await Registry.start(folder, await stoppedClock());
    await use(registry);
    complaints.close();
    await registry.stop();
  },
});

test("every page has its picture, light and dark, on a phone and on a desk", async ({ registry, folder, page, complaints }) => {
  test.skip(!process.env.EKAIROS_WRITE_DOCS, "EKAIROS_WRITE_DOCS=1 has the pictures written");
  test.skip(throughClerk, "they are taken in local mode");
  test.setTimeout(1_200_000);
  if (!hasRealItems) console.log("../shared/fixtures is not there: the pictures show items that are made up.");
  complaints.allow(/status 4\d\d/);
  complaints.allow(/console: Failed to load resource/);
  const sights = await fill(registry, folder);
  await registry.signIn(page);
  await mkdir(folderOfPictures, { recursive: true });
  const stops: Stop[] = everyPage(sights);
  await page.emulateMedia({ reducedMotion: "reduce" });
  const shoot = async (name: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const [width, height] of [[1440, 900], [390, 844]]) {
        await page.setViewportSize({ width, height });
        await page.screenshot({ path: join(folderOfPictures, `${name}-${colorScheme}-${width}.png`), animations: "disabled", caret: "hide" });
      }
    }
  };
  for (const [name, path] of stops) {
    await page.goto(registry.url + path, { waitUntil: "networkidle" });
    await rename(page, [[join(folder, "showroom"), "/srv/git"], [registry.url, "https://registry.acme.example"]]);
    await shoot(name);
  }
  await page.goto(`${registry.url}/components`, { waitUntil: "networkidle" });
  await page.keyboard.press("Control+k");
  await page.locator("#palette-field").fill("chart");
  await expect(page.getByRole("option", { name: /^Search components/ })).toBeVisible();
  await page.waitForLoadState("networkidle");
  await shoot("palette");
  await page.context().clearCookies();
  await page.goto(registry.url, { waitUntil: "networkidle" });
  await shoot("stranger");
  await smaller();
});

/** Shows other words for what differs from run to run: where tests put their folders, and where the server listens. */
async function rename(page: Page, words: [from: string, to: string][]): Promise<void> {
  await page.evaluate((words) => {
    const renamed = (text: string) => words.reduce((text, [from, to]) => text.replaceAll(from, to), text);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) text.nodeValue = renamed(text.nodeValue!);
    for (const field of document.querySelectorAll<HTMLInputElement>("main input:not([type=hidden])")) {
      field.value = renamed(field.value);
      field.placeholder = renamed(field.placeholder);
    }
  }, words);
}

/** Draws the pictures again with 256 colours at most, where `pngquant` is there. */
async function smaller(): Promise<void> {
  const { stdout } = await run("sh", ["-c", "command -v pngquant || true"]);
  if (stdout.trim() === "") return console.log("pngquant is not there: the pictures stay as the browser wrote them.");
  await run("sh", ["-c", `pngquant --force --strip --speed 1 --ext .png ${JSON.stringify(folderOfPictures)}/*.png`]);
}
