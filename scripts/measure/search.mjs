// How long a search takes in the server: by words as the CLI asks, with facets
// as JSON, and as the page that follows what is typed.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { wrk } from "./load.mjs"
import { folder, median, say } from "./machine.mjs"
import { token } from "./registry.mjs"

/** Found by name, by parts, by several words, with mistakes, abbreviated, much, and not at all. */
const words = ["dialog", "sidebar", "pick", "compact table", "with menu", "calnedar", "dilaog", "notifcation", "dlg", "t", "", "zzzz"]

const ways = [
  ["as the CLI searches", "/r/registry.json?limit=20&q="],
  ["as JSON with facets", "/api/internal/components?facets=true&q="],
  ["as the page", "/components?q="],
]

/** `server` serves these many components. */
export function search(report, server, data, count) {
  say(`${count} components: search`)
  const bearer = token(data, "read")
  const load = (url, options) => Array.from({ length: 3 }, () => wrk(url, { connections: 1, ...options }))
  const idle = median(load(`${server.url}/health/live`, {}).map(({ p50 }) => p50))
  const list = words.map((word) => JSON.stringify(encodeURIComponent(word))).join(", ")
  for (const [way, path] of ways) {
    const script = join(folder("wrk"), "search.lua")
    const headers = `{ ["authorization"] = "Bearer ${bearer}", ["accept"] = "${path.startsWith("/components") ? "text/html" : "application/json"}" }`
    writeFileSync(script, `local words = { ${list} }\nlocal at = 0\nrequest = function()\n  at = at % #words + 1\n  return wrk.format("GET", "${path}" .. words[at], ${headers})\nend\n`)
    const rounds = load(server.url, { script })
    const [p50, p99] = ["p50", "p99"].map((figure) => (median(rounds.map((round) => round[figure])) - idle) / 1000)
    const goal = path.startsWith("/components") ? "–" : "≤ 5 ms"
    report.row(`search over ${count} components ${way}, p50 and p99 less the way there`, `${p50.toFixed(1)} and ${p99.toFixed(1)} ms`, goal)
  }
  report.raw("the way there", `/health/live p50 ${idle.toFixed(0)} µs`)
}
