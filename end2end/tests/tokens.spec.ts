// The colours of style/tokens.css, as the browser makes them of oklch: what is read
// has a contrast of 4.5 at least, what marks a control's edge or its focus 3 (WCAG
// 2.2, 1.4.3 and 1.4.11).

import { expect, test } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../support/process";

const states = ["--accent", "--fresh", "--working", "--attention", "--broken"];
const code = ["--code-keyword", "--code-text", "--code-number", "--code-tag", "--code-call"];
const grounds = ["--background", "--card", "--muted"];

const pairs: [what: string, on: string, least: number][] = [
  ...["--foreground", "--muted-foreground", ...states].flatMap((text) => grounds.map((ground): [string, string, number] => [text, ground, 4.5])),
  ...code.flatMap((text) => ["--background", "--card"].map((ground): [string, string, number] => [text, ground, 4.5])),
  ["--primary-foreground", "--primary", 4.5],
  ...["--ring", "--input"].flatMap((edge) => grounds.map((ground): [string, string, number] => [edge, ground, 3])),
];

for (const colorScheme of ["light", "dark"] as const) {
  test(`every pair of tokens has its contrast, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const style = await readFile(join(root, "style/tokens.css"), "utf8");
    await page.setContent(`<style>${style.replaceAll(/@font-face \{[^}]*\}/g, "")}</style><canvas width="1" height="1"></canvas>`);
    const ratios = await page.evaluate((pairs) => {
      const context = document.querySelector("canvas")!.getContext("2d", { willReadFrequently: true })!;
      const luminance = (token: string) => {
        document.body.style.color = `var(${token})`;
        context.fillStyle = getComputedStyle(document.body).color;
        context.fillRect(0, 0, 1, 1);
        const linear = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
          const part = value / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
      };
      return pairs.map(([what, on]) => {
        const [a, b] = [luminance(what as string), luminance(on as string)];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      });
    }, pairs);
    const low = pairs.flatMap(([what, on, least], nth) => (ratios[nth] < least ? [`${what} on ${on}: ${ratios[nth].toFixed(2)}`] : []));
    expect(low).toEqual([]);
    // They are read at all: black on white would have 21.
    expect(Math.max(...ratios)).toBeGreaterThan(10);
  });
}
