// The store: what a query costs as data grows; how long a publish takes to reach
// another server over one store; how long a store takes to move.
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { folder, milliseconds, run, say } from "./machine.mjs"
import { command, commandWith, repositoryId, serve, sync } from "./registry.mjs"
import { commit, generated } from "./trees.mjs"

const PUSHES = 40

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** A store that others use by its admin API, and the settings that lead to it. */
async function standIn() {
  const data = folder("stand-in")
  const server = await serve(data, undefined, { EKAIROS_INSTANT_LISTEN: "127.0.0.1:0" })
  const { appId, adminToken } = JSON.parse(command(data, "instant", "credentials", "--json"))
  return {
    data,
    stop: server.stop,
    settings: { INSTANT_API_URI: server.instant, INSTANT_APP_ID: appId, INSTANT_ADMIN_TOKEN: adminToken },
  }
}

/** Queries and transactions of the embedded store, with ten times and a hundred times the data. */
export function cost(report) {
  say("queries and transactions at 1,000, 10,000 and 100,000 components")
  const sizes = JSON.parse(run("cargo", ["run", "--quiet", "--release", "-p", "ekairos-instant", "--example", "cost"]))
  const [small, , large] = sizes
  for (const { what } of small.costs) {
    const [first, last] = [small, large].map((size) => size.costs.find((cost) => cost.what === what))
    report.row(
      `${what}: 100 × the components, p99 and rate`,
      `${(last.p99Micros / first.p99Micros).toFixed(2)} × the time, ${(last.perSecond / first.perSecond).toFixed(2)} × the rate`,
      "flat",
    )
  }
  for (const { components, costs } of sizes) {
    const shown = costs.map(({ what, perSecond, p99Micros }) => `${what} ${perSecond.toFixed(0)}/s, p99 ${p99Micros.toFixed(0)} µs`)
    report.raw(`embedded store, ${components} components`, shown.join("; "))
  }
}

/** From the end of a sync on one server to when the other serves what it published. */
export async function replicas(report) {
  say("publish to served on another server")
  const store = await standIn()
  const made = generated(100)
  const settings = { ...store.settings, EKAIROS_LOCAL_PATHS: "true" }
  const here = folder("replica")
  commandWith(settings, here, "repo", "add", made.tree, "--name", "bench")
  commandWith(settings, here, "sync", "bench", "--wait")
  const bearer = JSON.parse(commandWith(settings, here, "token", "create", "--scope", "admin", "--json")).token
  const publisher = await serve(here, undefined, settings)
  const other = await serve(folder("replica"), undefined, settings)
  const id = await repositoryId(publisher, bearer)
  const own = []
  const delays = []
  for (let nth = 0; nth < PUSHES; nth += 1) {
    const item = made.items[(nth * 7) % made.items.length]
    const line = `// publish ${nth}`
    appendFileSync(join(made.tree, item.files[0].path), `${line}\n`)
    commit(made.tree, line)
    const served = async (server) => {
      while (!(await (await fetch(`${server.url}/r/${item.name}.json`)).text()).includes(line));
      return performance.now()
    }
    const done = sync(publisher, bearer, id)
    const start = performance.now()
    const [first, second] = await Promise.all([served(publisher), served(other)])
    await done
    own.push(first - start)
    delays.push(second - first)
  }
  await Promise.all([publisher.stop(), other.stop()])
  await store.stop()
  const [sync50, delay50, delay99] = [percentile(own, 0.5), percentile(delays, 0.5), percentile(delays, 0.99)]
  report.row(
    "publish on one server to served by another over one store, p50 and p99, against that sync itself (100 items)",
    `${(delay50 / sync50).toFixed(2)} × and ${(delay99 / sync50).toFixed(2)} × the time`,
  )
  report.raw("publish to served by the other server", `p50 ${delay50.toFixed(0)}, p99 ${delay99.toFixed(0)} ms; the sync until served by its own server p50 ${sync50.toFixed(0)} ms`)
}

/** A store with ten thousand components into an app over HTTP and back, everything read back and compared; and as a file. */
export async function moving(report) {
  say("moving 10,000 components")
  const { tree } = generated(10_000)
  const first = folder("data")
  command(first, "repo", "add", tree, "--name", "bench")
  const syncing = await milliseconds(() => command(first, "sync", "bench", "--wait"))
  const zip = join(folder("backup"), "all.zip")
  const backup = await milliseconds(() => command(first, "backup", zip))
  const restore = await milliseconds(() => command(folder("restored"), "restore", zip))
  const store = await standIn()
  const there = await milliseconds(() => commandWith(store.settings, folder("data"), "import", "--from", `embedded:${first}`))
  const back = await milliseconds(() => commandWith(store.settings, folder("data"), "import", "--to", `embedded:${folder("back")}`))
  await store.stop()
  const against = (...times) => times.map((time) => `${(time / syncing).toFixed(2)} ×`).join(" and ")
  report.row("import of 10,000 components over HTTP, everything read back and compared, and back again, against their first sync", `${against(there, back)} the time`)
  report.row("backup of the same, read back, and its restore, against the first sync", `${against(backup, restore)} the time`)
  const seconds = (time) => `${(time / 1000).toFixed(1)} s`
  report.raw("moving 10,000 components", `first sync ${seconds(syncing)}, import ${seconds(there)}, back ${seconds(back)}, backup ${seconds(backup)}, restore ${seconds(restore)}`)
}
