// What the program takes: time to start, memory, bytes in the browser, time to search.
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { get } from "node:http"
import { join } from "node:path"
import { wrk } from "./load.mjs"
import { folder, median, memory, milliseconds, say } from "./machine.mjs"
import { serve, synced } from "./registry.mjs"
import { generated } from "./trees.mjs"

/** The bytes of an answer as they were sent. */
async function sent(url, headers = {}) {
  const [answer] = await once(get(url, { headers: { "accept-encoding": "br", ...headers } }), "response")
  const chunks = []
  for await (const chunk of answer) chunks.push(chunk)
  return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks) }
}

async function startToFirstAnswer(report, { items }, data) {
  say("start to first answer")
  const times = []
  for (let round = 0; round < 5; round += 1) {
    let server
    const answered = async () => {
      server = await serve(data)
      const { status } = await sent(`${server.url}/r/${items[7].name}.json`)
      if (status !== 200) throw new Error(`the first answer was ${status}`)
    }
    times.push(await milliseconds(answered))
    await server.stop()
  }
  report.row(`start to first answer, ${items.length} items`, `${median(times).toFixed(0)} ms`, "≤ 200 ms")
}

/** Everything that a browser loads for the first page after signing in. */
async function firstPage(report, data) {
  say("bytes of a first page")
  const server = await serve(data)
  const login = await sent(server.login)
  const cookie = (login.headers["set-cookie"] ?? []).map((value) => value.split(";")[0]).join("; ")
  const page = await sent(`${server.url}/registry`, { cookie })
  if (page.status !== 200) throw new Error(`the first page was ${page.status}`)
  // The page is small and readable only unpacked: ask again for the text.
  const html = (await sent(`${server.url}/registry`, { cookie, "accept-encoding": "identity" })).bytes.toString()
  const found = new Set([...html.matchAll(/["'(](\/[\w./-]+\.(?:css|js|wasm|woff2|svg))["')]/g)].map(([, path]) => path))
  // The inline script names its two files in pieces.
  for (const [, folder, js, wasm] of html.matchAll(/`?\/?(pkg)\/(registry[\w.-]*\.js)[^]*?\/pkg\/(registry[\w.-]*\.wasm)/g)) {
    found.add(`/${folder}/${js}`).add(`/${folder}/${wasm}`)
  }
  for (const sheet of [...found].filter((path) => path.endsWith(".css"))) {
    const css = (await sent(server.url + sheet, { "accept-encoding": "identity" })).bytes.toString()
    for (const [, path] of css.matchAll(/url\(["']?(\/[^"')]+)["']?\)/g)) found.add(path)
  }
  const sizes = [["html", page.bytes.length]]
  for (const path of found) {
    const file = await sent(server.url + path)
    if (file.status !== 200) throw new Error(`${path}: ${file.status}`)
    sizes.push([path.replace(/^.*\//, "").replace(/\.[\w-]{8,}\./, "."), file.bytes.length])
  }
  const total = sizes.reduce((sum, [, size]) => sum + size, 0)
  report.row("first page as sent with brotli: page, style, scripts, wasm, fonts", `${(total / 1024).toFixed(1)} KiB`, "≤ 120 KiB")
  report.raw("of that", sizes.map(([name, size]) => `${name} ${(size / 1024).toFixed(1)}`).join(", ") + " KiB")
  await server.stop()
}

const words = ["dialog", "sidebar", "pick", "compact table", "with menu", "dlg", "t", "zzzz"]

async function large(report) {
  const { tree, items } = generated(10_000)
  say(`${items.length} components: sync`)
  const data = synced(tree)
  const server = await serve(data, 0)
  const started = memory(server.pid)
  say(`${items.length} components: each asked for once`)
  for (let at = 0; at < items.length; at += 16) {
    const answers = items.slice(at, at + 16).map(({ name }) => sent(`${server.url}/r/${name}.json`, { "accept-encoding": "identity" }))
    if ((await Promise.all(answers)).some(({ status }) => status !== 200)) throw new Error("not every item is served")
  }
  const { resident, anonymous } = memory(server.pid)
  report.row(`memory with ${items.length} components, each asked for once`, `${resident.toFixed(0)} MiB`, "≤ 96 MiB")
  report.raw("memory", `${started.resident.toFixed(0)} MiB after the start; then ${resident.toFixed(0)} MiB, of which ${anonymous.toFixed(0)} MiB are not of a file`)

  say(`${items.length} components: search`)
  const script = join(folder("wrk"), "search.lua")
  const list = words.map((word) => JSON.stringify(encodeURIComponent(word))).join(", ")
  writeFileSync(script, `local words = { ${list} }\nlocal at = 0\nrequest = function()\n  at = at % #words + 1\n  return wrk.format("GET", "/r/registry.json?limit=20&q=" .. words[at])\nend\n`)
  const load = (url, options) => Array.from({ length: 3 }, () => wrk(url, { connections: 1, ...options }))
  const idle = median(load(`${server.url}/health/live`, {}).map(({ p50 }) => p50))
  const search = load(server.url, { script })
  const p99 = median(search.map(({ p99 }) => p99)) - idle
  report.row(`search over ${items.length} components, p99 less the way there`, `${(p99 / 1000).toFixed(1)} ms`, "≤ 5 ms")
  report.raw("search", `p50 ${median(search.map(({ p50 }) => p50)).toFixed(0)} µs, p99 ${(p99 + idle).toFixed(0)} µs; /health/live p50 ${idle.toFixed(0)} µs`)
  await server.stop()
}

export async function footprint(report, medium) {
  if (report.wants("start") || report.wants("page")) {
    const data = synced(medium.tree)
    if (report.wants("start")) await startToFirstAnswer(report, medium, data)
    if (report.wants("page")) await firstPage(report, data)
  }
  if (report.wants("large")) await large(report)
}
