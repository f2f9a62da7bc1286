// Moving a registry: imports between stores with everything read back and
// compared, and backups, against the first sync that made the same data.
import { join } from "node:path"
import { folder, milliseconds, say } from "./machine.mjs"
import { command, commandWith, registered, serve } from "./registry.mjs"
import { generated } from "./trees.mjs"

export async function moving(report, count = 10_000) {
  say(`moving ${count} components`)
  const { tree } = generated(count)
  const data = registered(tree)
  const first = await milliseconds(() => command(data, "sync", "bench", "--wait"))
  const zip = join(folder("backup"), "all.zip")
  const backup = await milliseconds(() => command(data, "backup", zip))
  const restored = folder("restored")
  const restore = await milliseconds(() => command(restored, "restore", zip))
  const here = await milliseconds(() => command(folder("unused"), "import", "--from", `embedded:${data}`, "--to", `embedded:${folder("moved")}`))

  // Both processes share this machine with each other.
  const app = folder("app")
  const server = await serve(app, undefined, { EKAIROS_INSTANT_LISTEN: "127.0.0.1:0" })
  const { appId, adminToken } = JSON.parse(command(app, "instant", "credentials", "--json"))
  const end = (side) => ({ [`INSTANT_${side}_API_URI`]: server.instant, [`INSTANT_${side}_APP_ID`]: appId, [`INSTANT_${side}_ADMIN_TOKEN`]: adminToken })
  const there = await milliseconds(() => commandWith(end("TO"), data, "import", "--to", "instant"))
  const back = await milliseconds(() => commandWith(end("FROM"), folder("back"), "import", "--from", "instant"))
  await server.stop()

  const against = (time) => `${(time / first).toFixed(2)} × the time`
  report.row(`import of ${count} components into an app over HTTP, all read back and compared, against their first sync`, against(there))
  report.row("the same back", against(back))
  report.row("the same between two folders", against(here))
  report.row("backup of the same, read back, and its restore, against the first sync", `${against(backup)} and ${(restore / first).toFixed(2)} ×`)
  report.raw(`moving ${count} components`, `first sync ${first.toFixed(0)}, into an app ${there.toFixed(0)}, back ${back.toFixed(0)}, between folders ${here.toFixed(0)}, backup ${backup.toFixed(0)}, restore ${restore.toFixed(0)} ms`)
}
