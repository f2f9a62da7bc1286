// What the browser makes of the main pages: when something is seen, what moves, how
// long a key takes, on a processor four times slower; and what is sent for each.
import { createRequire } from "node:module"
import { existsSync } from "node:fs"
import { brotliCompressSync, constants } from "node:zlib"
import { median, say } from "./machine.mjs"
import { command, serve, synced } from "./registry.mjs"

const { chromium } = createRequire(new URL("../../end2end/package.json", import.meta.url))("@playwright/test")
const system = "/usr/bin/chromium"
const slower = 4
const rounds = 5

/** Bytes as they go over the wire at best: brotli for what is text. */
function packed(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }).length
}

const kinds = [["HTML", /text\/html/], ["CSS", /text\/css/], ["JS", /javascript/], ["wasm", /application\/wasm/], ["fonts", /font/], ["rest", /./]]

/** Opens a page in a new browser context, as someone who comes for the first time. */
async function visit(browser, state, url) {
  const context = await browser.newContext({ storageState: state, viewport: { width: 1350, height: 940 } })
  const page = await context.newPage()
  const sizes = new Map()
  const reading = []
  page.on("response", (response) => {
    const type = response.headers()["content-type"] ?? ""
    const kind = kinds.find(([, pattern]) => pattern.test(type) || pattern.source === ".")[0]
    reading.push(response.body().then((body) => sizes.set(kind, (sizes.get(kind) ?? 0) + (kind === "fonts" || kind === "rest" ? body.length : packed(body))), () => {}))
  })
  const devtools = await context.newCDPSession(page)
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower })
  await page.addInitScript(() => {
    window.seen = { shift: 0, slowest: 0 }
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.seen.shift += entry.value))).observe({ type: "layout-shift", buffered: true })
    // 16 ms is the least that the Event Timing API tells of.
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.seen.slowest = Math.max(window.seen.slowest, entry.duration)))).observe({ type: "event", durationThreshold: 16, buffered: true })
  })
  await page.goto(url, { waitUntil: "networkidle" })
  const loaded = await Promise.all(reading).then(() => new Map(sizes))
  for (const key of ["j", "j", "k", "Control+k"]) await page.keyboard.press(key)
  await page.keyboard.type("button", { delay: 60 })
  await page.waitForLoadState("networkidle")
  const figures = await page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN
    const { domContentLoadedEventEnd, loadEventEnd } = performance.getEntriesByType("navigation")[0]
    return { paint, ready: domContentLoadedEventEnd, load: loadEventEnd, ...window.seen }
  })
  await context.close()
  return { ...figures, sizes: loaded }
}

export async function pages(report, { tree, items }) {
  const data = synced(tree)
  const server = await serve(data)
  const browser = await chromium.launch({ executablePath: existsSync(system) ? system : undefined, args: ["--no-sandbox", "--disable-gpu"] })
  const context = await browser.newContext()
  const first = await context.newPage()
  await first.goto(server.login)
  const state = await context.storageState()
  const { id } = JSON.parse(command(data, "repo", "list", "--json"))[0]
  const main = [["home", "/"], ["repositories", "/registry"], ["a repository", `/registry/${id}`], ["components", "/components"], ["a component", `/components/${items[0].name}`], ["activity", "/activity"]]
  for (const [name, path] of main) {
    say(`the page of ${name} in a browser`)
    const runs = []
    for (let round = 0; round < rounds; round += 1) runs.push(await visit(browser, state, server.url + path))
    const of = (figure) => median(runs.map((run) => run[figure]))
    const all = [...runs[0].sizes.values()].reduce((sum, size) => sum + size, 0)
    report.row(`${name}: all that is sent, brotli`, `${(all / 1024).toFixed(1)} KiB`, "≤ 120 KiB")
    report.row(`${name}: layout shift`, of("shift").toFixed(3), "0")
    report.raw(`${name}: first contentful paint, processor ${slower} × slower`, `${of("paint").toFixed(0)} ms`)
    report.raw(`${name}: loaded`, `${of("load").toFixed(0)} ms`)
    report.raw(`${name}: slowest key until the next paint`, of("slowest") < 16 ? "under 16 ms" : `${of("slowest").toFixed(0)} ms`)
    report.raw(`${name}: bytes`, [...runs[0].sizes].map(([kind, size]) => `${kind} ${(size / 1024).toFixed(1)} KiB`).join(", "))
  }
  await browser.close()
  await server.stop()
}
