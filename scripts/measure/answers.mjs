// `GET /r/{name}.json` against nginx serving the same bytes.
import { createHash } from "node:crypto"
import { nginx, wrk } from "./load.mjs"
import { alternately, median, say } from "./machine.mjs"
import { serve, synced, token } from "./registry.mjs"

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex")

async function plain(url, headers = {}) {
  const answer = await fetch(url, { headers: { "accept-encoding": "identity", ...headers } })
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
  return { bytes: Buffer.from(await answer.arrayBuffer()), etag: answer.headers.get("etag") }
}

/** Both get the same load, in turns. */
async function compare(what, ours, theirs, rounds) {
  say(what)
  for (const { url, options } of [ours, theirs]) wrk(url, { ...options, seconds: 1 })
  const load = ({ url, options }) => () => wrk(url, options)
  const { a, b } = await alternately(rounds, load(ours), load(theirs))
  const of = (runs, figure) => median(runs.map((run) => run[figure]))
  return (figure) => ({ ours: of(a, figure), theirs: of(b, figure), runs: a.map((run) => run[figure]) })
}

export async function answers(report, { tree, items }) {
  const data = synced(tree)
  const bearer = token(data, "read")
  const server = await serve(data, 0)
  const path = `/r/${items[Math.floor(items.length / 2)].name}.json`
  const { bytes, etag } = await plain(server.url + path)
  const other = await nginx({ [path]: bytes }, 0)
  const authorization = { authorization: `Bearer ${bearer}` }

  const copies = [await plain(other.url + path), await plain(server.url + path, authorization)]
  if (copies.some((copy) => digest(copy.bytes) !== digest(bytes))) throw new Error("the bodies differ")

  const ours = (options = {}) => ({ url: server.url + path, options: { pid: server.pid, ...options } })
  const theirs = (options = {}) => ({ url: other.url + path, options: { pid: other.pid, ...options } })
  const show = (what, goal, figures) => {
    const [rate, cost] = [figures("rate"), figures("cost")]
    report.row(what, `${(rate.ours / rate.theirs).toFixed(2)} × requests/s, ${(cost.ours / cost.theirs).toFixed(2)} × processor time each`, goal)
    report.raw(what, `${rate.ours.toFixed(0)} against ${rate.theirs.toFixed(0)} requests/s; ${cost.ours.toFixed(1)} against ${cost.theirs.toFixed(1)} µs of processor time`)
  }
  const size = `${(bytes.length / 1024).toFixed(1)} KiB`
  show(`item GET (${size}) against nginx`, "≥ 0.9 ×", await compare("item, open", ours(), theirs(), 2))
  show("the same with a token, against nginx without", "≥ 0.5 ×", await compare("item, with token", ours({ headers: authorization }), theirs(), 2))
  const unchanged = (side, tag) => side({ headers: { "if-none-match": tag } })
  show("304 against nginx's 304", "–", await compare("304", unchanged(ours, etag), unchanged(theirs, copies[0].etag), 2))
  const single = (await compare("one connection", ours({ connections: 1 }), theirs({ connections: 1 }), 1))("p50")
  report.row("p50 at one connection against nginx", `${(single.ours / single.theirs).toFixed(2)} ×`)
  report.raw("p50 at one connection", `${single.ours.toFixed(0)} against ${single.theirs.toFixed(0)} µs`)
  await Promise.all([server.stop(), other.stop()])
}
