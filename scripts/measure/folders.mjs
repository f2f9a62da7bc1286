// Reading a components folder against the real `shadcn build` of a registry.json
// that names the same files.
import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { alternately, folder, median, milliseconds, run, say } from "./machine.mjs"
import { program } from "./registry.mjs"
import { generated } from "./trees.mjs"

const FILES = 1000
const shadcnCli = join(process.cwd(), "end2end/node_modules/shadcn/dist/index.js")

export async function folders(report) {
  const what = `reading a components folder of ${FILES} files, whole process, against \`shadcn build\` of the same files`
  if (!existsSync(shadcnCli)) return report.row(what, "skipped: end2end/node_modules is missing")
  say(what)
  const declared = generated(FILES)
  const plain = generated(FILES)
  rmSync(join(plain.tree, "registry.json"))
  // The generated hooks hold markup, which a `.ts` file cannot.
  rmSync(join(plain.tree, "hooks"), { recursive: true })
  const read = () => milliseconds(() => run(program, ["check", join(plain.tree, "ui"), "--json"]))
  const build = () => milliseconds(() => run("node", [shadcnCli, "build", "registry.json", "--cwd", declared.tree, "--output", folder("built")]))
  await build()
  const { a, b } = await alternately(2, read, build)
  report.row(what, `${(median(a) / median(b)).toFixed(2)} × the time`)
  report.raw(what, `${median(a).toFixed(0)} against ${median(b).toFixed(0)} ms`)
}
