// Measures the program side by side with what it is compared to, and prints a
// Markdown table of ratios, then the raw figures. Called by scripts/bench, which
// builds first. EKAIROS_BENCH_BINARY names another build; arguments name the
// parts to run: `node scripts/bench.mjs answers syncs history freshness folders start page pages rendered large search cost replicas moving`.
import { cpus, loadavg } from "node:os"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { answers } from "./measure/answers.mjs"
import { folders } from "./measure/folders.mjs"
import { footprint } from "./measure/footprint.mjs"
import { freshness } from "./measure/freshness.mjs"
import { history } from "./measure/history.mjs"
import { cost, moving, replicas } from "./measure/instant.mjs"
import { say } from "./measure/machine.mjs"
import { pages } from "./measure/pages.mjs"
import { rendered } from "./measure/rendered.mjs"
import { syncs } from "./measure/syncs.mjs"
import { fromBuiltItems, generated } from "./measure/trees.mjs"

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))

const wanted = new Set(process.argv.slice(2))
const table = []
const raw = []
const report = {
  /** A line of the table. */
  row: (what, figure, goal = "–") => table.push([what, figure, goal]),
  /** A figure of this machine. */
  raw: (what, figure) => raw.push([what, figure]),
  /** Whether a part was asked for. */
  wants: (part) => wanted.size === 0 || wanted.has(part),
}

const from = performance.now()
report.raw("load average at the start", loadavg()[0].toFixed(2))
say("generating trees")
const shadcn = fromBuiltItems("../shared/fixtures/shadcn-new-york-items.tar.gz")
const medium = generated(2500)

if (report.wants("answers")) await answers(report, medium)
if (report.wants("syncs")) await syncs(report, shadcn, medium)
if (report.wants("history")) await history(report)
if (report.wants("freshness")) await freshness(report)
if (report.wants("folders")) await folders(report)
if (report.wants("pages")) await pages(report, medium)
if (report.wants("rendered")) await rendered(report, medium)
if (report.wants("cost")) cost(report)
if (report.wants("replicas")) await replicas(report)
if (report.wants("moving")) await moving(report)
await footprint(report, medium)

report.raw("load average at the end", loadavg()[0].toFixed(2))
report.raw("whole run", `${((performance.now() - from) / 1000).toFixed(0)} s on ${cpus().length} × ${cpus()[0].model}`)

const line = (cells) => `| ${cells.join(" | ")} |`
const lines = [["what", "measured", "goal"], ["---", "---", "---"], ...table].map(line)
console.log(lines.join("\n"))
console.log(`\nRaw figures of this run, true of this machine only:\n`)
console.log([["what", "figure"], ["---", "---"], ...raw].map(line).join("\n"))
process.exit(0)
