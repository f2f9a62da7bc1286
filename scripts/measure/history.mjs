// History against git itself: recording and listing 2,000 commits, and the
// difference of two large versions.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { alternately, folder, median, milliseconds, run, say } from "./machine.mjs"
import { command, registered, repositoryId, serve, synced, token } from "./registry.mjs"
import { commit, commits, generated } from "./trees.mjs"

const COMMITS = 2000

const log = (tree) => () => run("git", ["-C", tree, "log", "--first-parent", "--name-only"])

/** A repository whose commits each change a file or three, and rename one now and then. */
function withHistory() {
  const { tree, items } = generated(200)
  const files = items.flatMap((item) => item.files)
  const contents = files.map(({ path }) => readFileSync(join(tree, path), "utf8"))
  const steps = Array.from({ length: COMMITS - 1 }, (_, nth) => {
    const changes = []
    for (let change = 0; change <= nth % 3; change += 1) {
      const at = (nth * 7 + change * 31) % files.length
      contents[at] += `// change ${nth}.${change}\n`
      changes.push({ path: files[at].path, content: contents[at] })
    }
    if (nth % 20 === 19) {
      const at = (nth * 11) % files.length
      const to = files[at].path.replace(/^(\w+)(-\d+)?\//, `$1-${nth}/`)
      changes.push({ path: files[at].path, to })
      files[at].path = to
      const registry = { name: "generated", homepage: "https://example.org", items }
      changes.push({ path: "registry.json", content: `${JSON.stringify(registry, null, 2)}\n` })
    }
    return { message: `Change ${nth}`, changes }
  })
  commits(tree, steps)
  return { tree, items }
}

/** Every page of a list. */
async function all(url, headers) {
  const rows = []
  for (;;) {
    const answer = await fetch(`${url}?offset=${rows.length}&limit=200`, { headers })
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
    const page = await answer.json()
    rows.push(...page.rows)
    if (page.rows.length === 0 || rows.length >= page.total) return rows
  }
}

async function recordingAndListing(report) {
  say(`a repository with ${COMMITS} commits`)
  const { tree } = withHistory()
  const first = () => {
    const data = registered(tree)
    return milliseconds(() => command(data, "sync", "bench", "--wait"))
  }
  const byGit = () => milliseconds(log(tree))
  await byGit()
  const syncs = await alternately(2, first, byGit)
  const against = "against `git log --first-parent --name-only`"
  const recording = `first sync of a repository with ${COMMITS} commits, whole process, ${against}`
  report.row(recording, `${(median(syncs.a) / median(syncs.b)).toFixed(1)} × the time`)

  const data = synced(tree)
  const headers = { authorization: `Bearer ${token(data, "read")}` }
  const server = await serve(data)
  const url = `${server.url}/api/internal/registry/${await repositoryId(server, token(data, "read"))}/commits`
  const rows = await all(url, headers)
  if (rows.length !== COMMITS) throw new Error(`${rows.length} commits are listed`)
  if (!rows.some(({ files }) => files.some(({ change }) => change === "renamed"))) throw new Error("no rename is listed")
  const lists = await alternately(2, () => milliseconds(() => all(url, headers)), byGit)
  report.row(`history of a repository with ${COMMITS} commits, all of it as JSON, ${against}`, `${(median(lists.a) / median(lists.b)).toFixed(2)} × the time`)
  report.raw(
    `${COMMITS} commits`,
    `first sync ${median(syncs.a).toFixed(0)} ms, listing ${median(lists.a).toFixed(0)} ms; git log ${median([...syncs.b, ...lists.b]).toFixed(0)} ms`,
  )
  await server.stop()
}

/** A text with every fiftieth line changed. */
const lines = (version) =>
  Array.from({ length: 20_000 }, (_, at) => `export const value${at} = ${at % 50 === 25 ? `${version} + ${at}` : at}\n`).join("")

async function twoLargeVersions(report) {
  say("a diff of two large versions")
  const { tree, items } = generated(1)
  const { name, files } = items[0]
  const texts = [lines(1), lines(2)]
  texts.forEach((text, at) => {
    writeFileSync(join(tree, files[0].path), text)
    commit(tree, `Version ${at + 1}`)
    if (at === 0) run("git", ["-C", tree, "tag", "v1"])
  })
  const apart = folder("texts")
  texts.forEach((text, at) => writeFileSync(join(apart, `${at}.tsx`), text))
  const data = synced(tree)
  const headers = { authorization: `Bearer ${token(data, "read")}` }
  const server = await serve(data)
  const url = `${server.url}/api/internal/diff/${name}?from=v1&to=current`
  const ours = () =>
    milliseconds(async () => {
      const answer = await fetch(url, { headers })
      const { files } = await answer.json()
      if (files[0].body.added !== 400) throw new Error("the diff is not what it should be")
    })
  // It says by its status that the two differ, which is no failure.
  const git = `git diff --no-index '${apart}/0.tsx' '${apart}/1.tsx' > '${apart}/diff' || true`
  const byGit = () => milliseconds(() => run("sh", ["-c", git]))
  await ours()
  await byGit()
  const { a, b } = await alternately(5, ours, byGit)
  const what = "a diff of two versions of 20,000 lines with 400 changed ones, as JSON, against `git diff --no-index`"
  report.row(what, `${(median(a) / median(b)).toFixed(2)} × the time`)
  const page = await fetch(`${server.url}/diff/${name}?from=v1&to=current`, { headers })
  report.raw("that diff", `${median(a).toFixed(1)} against ${median(b).toFixed(1)} ms; its page has ${((await page.text()).length / 1024).toFixed(0)} KiB`)
  await server.stop()
}

export async function history(report) {
  await recordingAndListing(report)
  await twoLargeVersions(report)
}
