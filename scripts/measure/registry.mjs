// Our own program: its commands, its server, its syncs.
import { createInterface } from "node:readline"
import { existsSync } from "node:fs"
import { folder, run, start, stop } from "./machine.mjs"

/** The program that is measured. */
export const program = process.env.EKAIROS_BENCH_BINARY ?? "target/release/ekairos-registry"
if (!existsSync(program)) throw new Error(`${program} is missing; scripts/build makes it`)

/** Nobody looks at repositories while something else is measured. */
const quiet = { EKAIROS_LOG: "error", EKAIROS_POLL_EVERY: "off" }

/** Runs a command on a data folder. */
export function command(data, ...args) {
  return commandWith({}, data, ...args)
}

/** The same with these settings in its environment. */
export function commandWith(settings, data, ...args) {
  return run(program, [...args, "--data", data], { env: { ...quiet, ...settings } })
}

/** A data folder in which this tree is registered as `bench`, not yet synced. */
export function registered(tree) {
  const data = folder("data")
  command(data, "repo", "add", tree, "--name", "bench")
  return data
}

/** A data folder in which this tree is synced. */
export function synced(tree) {
  const data = registered(tree)
  command(data, "sync", "bench", "--wait")
  return data
}

export function token(data, scope) {
  return JSON.parse(command(data, "token", "create", "--scope", scope, "--json")).token
}

/** Starts the server; with `core`, on that processor only. */
export async function serve(data, core, settings = {}) {
  const args = [program, "serve", "--listen", "127.0.0.1:0", "--json", "--data", data]
  if (core !== undefined) args.unshift("taskset", "-c", String(core))
  const child = start(args[0], args.slice(1), { env: { ...quiet, ...settings } })
  const lines = createInterface({ input: child.stdout })
  const ended = new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`the server ended with ${code}`))))
  ended.catch(() => {})
  const [line] = await Promise.race([new Promise((resolve) => lines.once("line", (text) => resolve([text]))), ended])
  const { url, login, instant } = JSON.parse(line)
  return { url, login, instant, pid: child.pid, stop: () => stop(child) }
}

/** Asks a running server for a sync and waits for its result. */
export async function sync(server, bearer, repoId) {
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" }
  const accepted = await fetch(`${server.url}/api/internal/registry/sync`, { method: "POST", headers, body: JSON.stringify({ repoId }) })
  if (accepted.status !== 202) throw new Error(`sync: ${accepted.status} ${await accepted.text()}`)
  const { syncId, events } = await accepted.json()
  const stream = await fetch(server.url + events, { headers })
  let text = ""
  for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const result = text.match(/event: ?result\ndata: ?(.*)\n/)
    if (!result) continue
    const view = JSON.parse(result[1])
    if (view.id !== syncId || view.state !== "succeeded") throw new Error(`sync: ${result[1].slice(0, 2000)}`)
    return view
  }
  throw new Error("the events ended before the sync's result")
}

/** The id of the repository `bench`. */
export async function repositoryId(server, bearer) {
  const answer = await fetch(`${server.url}/api/internal/registry`, { headers: { authorization: `Bearer ${bearer}` } })
  return (await answer.json()).find((repository) => repository.name === "bench").id
}
