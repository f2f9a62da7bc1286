// What the program takes: time to start, memory, bytes in the browser, time to search.
import { once } from "node:events"
import { get } from "node:http"
import { median, memory, milliseconds, say } from "./machine.mjs"
import { serve, synced } from "./registry.mjs"
import { search } from "./search.mjs"
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

async function large(report) {
  const { tree, items } = generated(10_000)
  say(`${items.length} components: sync`)
  const data = synced(tree)
  const server = await serve(data, 0)
  const started = memory(server.pid)
  if (report.wants("large")) {
    say(`${items.length} components: each asked for once`)
    for (let at = 0; at < items.length; at += 16) {
      const answers = items.slice(at, at + 16).map(({ name }) => sent(`${server.url}/r/${name}.json`, { "accept-encoding": "identity" }))
      if ((await Promise.all(answers)).some(({ status }) => status !== 200)) throw new Error("not every item is served")
    }
    const { resident, anonymous } = memory(server.pid)
    report.row(`memory with ${items.length} components, each asked for once`, `${resident.toFixed(0)} MiB`, "≤ 96 MiB")
    report.raw("memory", `${started.resident.toFixed(0)} MiB after the start; then ${resident.toFixed(0)} MiB, of which ${anonymous.toFixed(0)} MiB are not of a file`)
  }
  if (report.wants("search")) search(report, server, data, items.length)
  await server.stop()
}

export async function footprint(report, medium) {
  if (report.wants("start") || report.wants("page")) {
    const data = synced(medium.tree)
    if (report.wants("start")) await startToFirstAnswer(report, medium, data)
    if (report.wants("page")) await firstPage(report, data)
  }
  if (report.wants("large") || report.wants("search")) await large(report)
}
