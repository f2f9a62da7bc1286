// Our main pages beside a Next.js page of the same content, on the same processor in turns.
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { wrk } from "./load.mjs"
import { alternately, median, say } from "./machine.mjs"
import { elements, next } from "./next.mjs"
import { command, serve, synced, token } from "./registry.mjs"

const { chromium } = createRequire(new URL("../../end2end/package.json", import.meta.url))("@playwright/test")
const system = "/usr/bin/chromium"

/** The elements of these pages, as a browser without scripts has them. */
async function read(server, headers, paths) {
  const browser = await chromium.launch({ executablePath: existsSync(system) ? system : undefined, args: ["--no-sandbox", "--disable-gpu"] })
  const page = await browser.newPage({ javaScriptEnabled: false, extraHTTPHeaders: headers, bypassCSP: true })
  const trees = {}
  for (const [name, path] of Object.entries(paths)) {
    await page.goto(server.url + path)
    trees[name] = await page.evaluate(elements)
  }
  await browser.close()
  return trees
}

/** How large a page is; both are asked for it as it is. */
async function size(url, headers) {
  const answer = await fetch(url, { headers: { "accept-encoding": "identity", ...headers } })
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
  return (await answer.arrayBuffer()).byteLength
}

export async function rendered(report, { tree, items }) {
  const data = synced(tree)
  const headers = { authorization: `Bearer ${token(data, "read")}`, accept: "text/html" }
  const server = await serve(data, 0)
  const { id } = JSON.parse(command(data, "repo", "list", "--json"))[0]
  const paths = {
    component: `/components/${items[Math.floor(items.length / 2)].name}`,
    list: "/components?limit=1000",
    repository: `/registry/${id}`,
  }
  const words = { component: "the page of a component", list: "the list of components with 1,000 rows", repository: "the page of a repository" }
  const other = await next(await read(server, headers, paths), 0)
  for (const [name, path] of Object.entries(paths)) {
    say(`${words[name]} beside Next.js`)
    const ours = (options) => () => wrk(server.url + path, { pid: server.pid, headers, ...options })
    const theirs = (options) => () => wrk(`${other.url}/${name}`, { pid: other.pid, headers: { accept: "text/html" }, ...options })
    for (const load of [ours({ seconds: 1 }), theirs({ seconds: 3 })]) load()
    const { a, b } = await alternately(2, ours({ connections: 4, seconds: 4 }), theirs({ connections: 4, seconds: 4 }))
    const single = await alternately(1, ours({ connections: 1 }), theirs({ connections: 1 }))
    const of = (runs, figure) => median(runs.map((run) => run[figure]))
    const [rate, p50] = [of(a, "rate") / of(b, "rate"), of(single.a, "p50") / of(single.b, "p50")]
    const bytes = [await size(server.url + path, headers), await size(`${other.url}/${name}`, {})]
    report.row(`${words[name]} against Next.js rendering the same elements`, `${rate.toFixed(1)} × requests/s, ${p50.toFixed(2)} × p50 at one connection, ${(bytes[0] / bytes[1]).toFixed(2)} × bytes`)
    report.raw(words[name], `${of(a, "rate").toFixed(0)} against ${of(b, "rate").toFixed(0)} requests/s; p50 ${of(single.a, "p50").toFixed(0)} against ${of(single.b, "p50").toFixed(0)} µs; ${(bytes[0] / 1024).toFixed(0)} against ${(bytes[1] / 1024).toFixed(0)} KiB of HTML`)
  }
  await Promise.all([server.stop(), other.stop()])
}
