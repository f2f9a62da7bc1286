// From a push to what is served: by webhook and by polling, beside a plain
// `git fetch` of the same commits from the same host.
import { createHmac } from "node:crypto"
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { gitHost } from "./host.mjs"
import { folder, milliseconds, run, say } from "./machine.mjs"
import { commandWith, repositoryId, serve, token } from "./registry.mjs"
import { commit, generated } from "./trees.mjs"

const ITEMS = 100

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** Changes one item, pushes it, and answers what must be served from then on. */
function push(tree, item, host, nth) {
  const line = `// push ${nth}`
  appendFileSync(join(tree, item.files[0].path), `${line}\n`)
  commit(tree, line)
  run("git", ["-C", tree, "push", "--quiet", host.push, "main"])
  return line
}

async function served(server, item, line) {
  for (;;) {
    const answer = await fetch(`${server.url}/r/${item.name}.json`)
    if ((await answer.text()).includes(line)) return
  }
}

/** Pushes again and again; answers the milliseconds from each push to when it is served. */
async function pushes(count, host, server, { tree, items }, from, tell, pause = 0) {
  const times = []
  for (let nth = 0; nth < count; nth += 1) {
    // People push at any time between two looks.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * pause))
    const item = items[(nth * 7) % items.length]
    const line = push(tree, item, host, from + nth)
    times.push(await milliseconds(async () => {
      await tell()
      await served(server, item, line)
    }))
  }
  return times
}

async function started(url, every) {
  const data = folder("data")
  const settings = { EKAIROS_ALLOW_HOSTS: "127.0.0.1=127.0.0.0/8", EKAIROS_POLL_EVERY: every }
  commandWith(settings, data, "repo", "add", url, "--name", "bench")
  commandWith(settings, data, "sync", "bench", "--wait")
  const bearer = token(data, "admin")
  const server = await serve(data, undefined, settings)
  return { server, bearer, id: await repositoryId(server, bearer) }
}

async function hookOf(server, bearer, id) {
  const headers = { authorization: `Bearer ${bearer}`, origin: server.url }
  const made = await fetch(`${server.url}/api/internal/registry/${id}/hook`, { method: "POST", headers })
  if (!made.ok) throw new Error(`hook: ${made.status} ${await made.text()}`)
  const { address, secret } = await made.json()
  return { address, secret }
}

export async function freshness(report) {
  const made = generated(ITEMS)
  const host = await gitHost()
  const place = host.clone(made.tree, "bench")

  say("push to served, by webhook")
  const byHook = await started(place.url, "off")
  const { address, secret } = await hookOf(byHook.server, byHook.bearer, byHook.id)
  let delivery = 0
  const tell = async () => {
    const after = run("git", ["-C", made.tree, "rev-parse", "HEAD"]).trim()
    const body = JSON.stringify({ ref: "refs/heads/main", before: "0".repeat(40), after, repository: { full_name: "acme/bench" } })
    const headers = {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-github-delivery": `bench-${(delivery += 1)}`,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    }
    const answer = await fetch(address, { method: "POST", headers, body })
    if (answer.status !== 202) throw new Error(`webhook: ${answer.status} ${await answer.text()}`)
  }
  await pushes(3, place, byHook.server, made, 0, tell)
  const hooked = await pushes(60, place, byHook.server, made, 100, tell)
  await byHook.server.stop()

  say("git fetch of such pushes")
  const clone = folder("clone")
  run("git", ["clone", "--quiet", "--mirror", place.url, clone])
  const fetched = []
  for (let nth = 0; nth < 20; nth += 1) {
    push(made.tree, made.items[nth], place, 1000 + nth)
    fetched.push(await milliseconds(() => run("git", ["-C", clone, "fetch", "--quiet"])))
  }

  say("push to served, by polling every second")
  const byPoll = await started(place.url, "1s")
  const polled = await pushes(30, place, byPoll.server, made, 2000, async () => {}, 1000)
  await byPoll.server.stop()
  await host.stop()

  const [fetch50, hook50, hook99, poll50, poll99] = [
    percentile(fetched, 0.5), percentile(hooked, 0.5), percentile(hooked, 0.99), percentile(polled, 0.5), percentile(polled, 0.99),
  ]
  const against = "against a `git fetch` of such a push"
  report.row(`push to served by webhook, ${ITEMS} items, p50 and p99, ${against}`, `${(hook50 / fetch50).toFixed(1)} × and ${(hook99 / fetch50).toFixed(1)} × the time`)
  report.row("push to served by polling, p50 and p99, in intervals", `${(poll50 / 1000).toFixed(2)} and ${(poll99 / 1000).toFixed(2)}`, "≤ 1 and ≤ 1.2")
  report.raw("push to served", `webhook p50 ${hook50.toFixed(0)}, p99 ${hook99.toFixed(0)} ms; polling every second p50 ${poll50.toFixed(0)}, p99 ${poll99.toFixed(0)} ms; git fetch p50 ${fetch50.toFixed(0)} ms`)
}
