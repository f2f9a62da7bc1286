// style/tokens.css: it alone says colours, sizes of type, distances and durations. Its
// colours, as the browser makes them of oklch: what is read has a contrast of 4.5 at
// least, what marks a control's edge or its focus 3 (WCAG 2.2, 1.4.3 and 1.4.11).

import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
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

const tokens = readFileSync(join(root, "style/tokens.css"), "utf8");
const accents = [...tokens.matchAll(/\.swatch\[data-accent="(\w+)"\]/g)].map(([, accent]) => accent);

for (const [colorScheme, accent] of (["light", "dark"] as const).flatMap((scheme) => accents.map((accent) => [scheme, accent] as const))) {
  test(`every pair of tokens has its contrast, ${colorScheme} with ${accent}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setContent(`<style>${tokens.replaceAll(/@font-face \{[^}]*\}/g, "")}</style><main data-accent="${accent}"></main><canvas width="1" height="1"></canvas>`);
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

/** The declarations of a style sheet. */
const declarations = (style: string) =>
  [...style.replaceAll(/\/\*.*?\*\//gs, "").matchAll(/([a-z-]+):\s+([^;{}]+)[;}]/g)].map(([, property, value]) => ({ property, value }));

/** The lengths in a value, in pixels; those that a token or a window has are none. */
const lengths = (value: string) =>
  [...value.matchAll(/(?<![\w.#-])-?([\d.]+)(px|rem)\b/g)].map(([, number, unit]) => Number(number) * (unit === "rem" ? 16 : 1));

/** What a declaration says that only a token may say. */
function said({ property, value }: { property: string; value: string }): string | undefined {
  if (/#[\da-f]{3,8}\b|\b(oklch|oklab|rgba?|hsla?)\(/i.test(value)) return "a colour";
  if (property === "font-weight" && /\d/.test(value)) return "a weight";
  // The line height behind the stroke is on the grid like a distance.
  const size = property === "font-size" ? value : property === "font" ? value.replace(/\/\S+( - \S+)?/, "") : "";
  if (lengths(size).length > 0) return "a size of type";
  if (/^(animation|transition)/.test(property) && /\b[\d.]+m?s\b/.test(value)) return "a duration";
  // A hairline is thinner than the grid; columns and gutters are wider than its steps.
  if (/^(padding|margin|gap|row-gap|column-gap)/.test(property) && lengths(value).some((pixels) => pixels > 3 && (pixels <= 64 || pixels % 4 !== 0)))
    return "a distance";
}

test("colours, sizes of type, distances and durations are said by tokens alone", async () => {
  const folder = join(root, "style");
  const sheets = (await readdir(folder)).filter((name) => name !== "tokens.css");
  const found = await Promise.all(sheets.map(async (name) => declarations(await readFile(join(folder, name), "utf8")).map((one) => ({ name, ...one }))));
  expect(found.flat().length).toBeGreaterThan(1000);
  const odd = found.flat().flatMap((one) => (said(one) ? [`${one.name} says ${said(one)}: ${one.property}: ${one.value}`] : []));
  expect(odd).toEqual([]);
});
