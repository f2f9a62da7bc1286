// Draws public/card.png, which other sites show where someone shares an address, and
// public/apple-touch-icon.png, out of scripts/brand/*.svg: `node scripts/brand.mjs`.
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { chromium } = createRequire(join(root, "end2end/package.json"))("@playwright/test")

const system = "/usr/bin/chromium"
const browser = await chromium.launch({ executablePath: existsSync(system) ? system : undefined, args: ["--no-sandbox"] })
const page = await browser.newPage()
await page.route("**/*", (route) => {
  const { pathname } = new URL(route.request().url())
  if (pathname.startsWith("/fonts/")) return route.fulfill({ path: join(root, "public", pathname) })
  const svg = readFileSync(join(root, "scripts/brand", pathname.slice(1)), "utf8")
  return route.fulfill({ contentType: "text/html", body: `<!DOCTYPE html><style>body{margin:0}svg{display:block}</style>${svg}` })
})
for (const [source, target, width, height] of [["card.svg", "card.png", 1200, 630], ["touch.svg", "apple-touch-icon.png", 180, 180]]) {
  await page.setViewportSize({ width, height })
  await page.goto(`http://brand.localhost/${source}`)
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
  await page.screenshot({ path: join(root, "public", target) })
}
await browser.close()
