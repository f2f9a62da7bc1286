// Processes, folders and figures: what every measurement needs of the machine.
// Whatever is started or made here is gone when the process ends.
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const scratch = mkdtempSync(join(tmpdir(), "ekairos-bench-"))
const running = new Set()

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL")
  rmSync(scratch, { recursive: true, force: true })
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130))

/** A new folder that is removed at the end. */
export function folder(name) {
  const path = mkdtempSync(join(scratch, `${name}-`))
  mkdirSync(path, { recursive: true })
  return path
}

/** This process's environment, without what would configure the registry. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("EKAIROS_")))

/** Runs a command to its end and returns what it printed; throws if it failed. */
export function run(command, args, options = {}) {
  const env = { ...environment, ...options.env }
  const done = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options, env })
  if (done.error) throw done.error
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${done.status}\n${done.stdout}\n${done.stderr}`)
  return done.stdout
}

/** Starts a process that goes on until it is stopped. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...options, env: { ...environment, ...options.env } })
  running.add(child)
  child.once("exit", () => running.delete(child))
  return child
}

/** Asks a process to end, and waits until it has. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGTERM")
  await ended
}

/** A port that nobody listens on just now, for programs that cannot choose one. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** The processor time of a process and its children, in milliseconds. */
export function processorTime(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean)
    } catch {
      return [] // that thread has ended
    }
  })
  // After the command's name, which may hold spaces: utime and stime, in ticks of 10 ms.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ")
  const own = (Number(fields[11]) + Number(fields[12])) * 10
  return children.reduce((sum, child) => sum + processorTime(child), own)
}

/** Resident memory of a process, in MiB: all of it, and what no file backs. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  const field = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))[1]) / 1024
  return { resident: field("VmRSS"), anonymous: field("RssAnon"), peak: field("VmHWM") }
}

/** Milliseconds that `work` takes. */
export async function milliseconds(work) {
  const from = performance.now()
  await work()
  return performance.now() - from
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Runs two contenders in the order A B B A, `rounds` times over. */
export async function alternately(rounds, a, b) {
  const results = { a: [], b: [] }
  for (let round = 0; round < rounds; round += 1) {
    results.a.push(await a())
    results.b.push(await b())
    results.b.push(await b())
    results.a.push(await a())
  }
  return results
}

/** Says on standard error what is being measured; the table is on standard output. */
export function say(text) {
  process.stderr.write(`[bench] ${text}\n`)
}
