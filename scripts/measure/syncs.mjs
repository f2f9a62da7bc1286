// Syncs against the real `shadcn build` of the same tree, and against each other.
import { appendFileSync, existsSync } from "node:fs"
import { join } from "node:path"
import { alternately, folder, median, milliseconds, run, say } from "./machine.mjs"
import { command, registered, repositoryId, serve, sync, token } from "./registry.mjs"
import { commit } from "./trees.mjs"

const shadcnCli = join(process.cwd(), "end2end/node_modules/shadcn/dist/index.js")

async function againstBuild(report, name, { tree, items }, rounds) {
  const what = `first sync of ${items.length} ${name} items, whole process, against \`shadcn build\``
  if (!existsSync(shadcnCli)) return report.row(what, "skipped: end2end/node_modules is missing", "< 1 ×")
  say(what)
  const build = () => {
    const output = folder("built")
    return milliseconds(() => run("node", [shadcnCli, "build", "registry.json", "--cwd", tree, "--output", output]))
  }
  const first = () => {
    const data = registered(tree)
    return milliseconds(() => command(data, "sync", "bench", "--wait"))
  }
  await build()
  const { a, b } = await alternately(rounds, first, build)
  report.row(what, `${(median(a) / median(b)).toFixed(2)} × the time`, "< 1 ×")
  report.raw(what, `${median(a).toFixed(0)} against ${median(b).toFixed(0)} ms`)
}

/** First, changed and unchanged syncs in a running server. */
async function inServer(report, { tree, items }) {
  say(`syncs of ${items.length} items in a running server`)
  const [firsts, changes, idle] = [[], [], []]
  for (let round = 0; round < 3; round += 1) {
    const data = registered(tree)
    const bearer = token(data, "admin")
    const server = await serve(data)
    const id = await repositoryId(server, bearer)
    firsts.push(await milliseconds(() => sync(server, bearer, id)))
    for (let change = 0; change < 3; change += 1) {
      appendFileSync(join(tree, items[(round * 3 + change) * 97].files[0].path), `// ${round}.${change}\n`)
      commit(tree, `Change ${round}.${change}`)
      changes.push(await milliseconds(() => sync(server, bearer, id)))
      idle.push(await milliseconds(() => sync(server, bearer, id)))
    }
    await server.stop()
  }
  const [first, changed, unchanged] = [firsts, changes, idle].map(median)
  report.row(`sync after a one-file change in ${items.length} items, against its first sync`, `1/${(first / changed).toFixed(0)}`, "≤ 1/20")
  report.row("sync without a change, against its first sync", `1/${(first / unchanged).toFixed(0)}`)
  report.raw(`syncs of ${items.length} items in a running server`, `first ${first.toFixed(0)}, one file changed ${changed.toFixed(0)}, nothing changed ${unchanged.toFixed(1)} ms`)
}

export async function syncs(report, shadcn, medium) {
  if (shadcn) await againstBuild(report, "shadcn", shadcn, 2)
  else report.row("first sync of the shadcn items", "skipped: the fixture is not there")
  await againstBuild(report, "generated", medium, 1)
  await inServer(report, medium)
}
