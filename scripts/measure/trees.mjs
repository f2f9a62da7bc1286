// Source trees to sync: the real items of shadcn, and generated ones of any size.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { folder, run } from "./machine.mjs"

const identity = { GIT_AUTHOR_NAME: "Bench", GIT_AUTHOR_EMAIL: "bench@example.org", GIT_COMMITTER_NAME: "Bench", GIT_COMMITTER_EMAIL: "bench@example.org" }
const apart = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", ...identity }

function git(tree, ...args) {
  // Packing in the background would be measured along.
  return run("git", ["-C", tree, "-c", "gc.auto=0", "-c", "maintenance.auto=false", ...args], { env: apart })
}

/** Commits everything that a tree holds. */
export function commit(tree, message) {
  git(tree, "add", "--all")
  git(tree, "commit", "--quiet", "--message", message)
}

/** Makes many commits at once: each with a message, and changes with a path and `content`, or `to` for a rename. */
export function commits(tree, steps) {
  const bytes = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`
  const start = Date.UTC(2026, 0, 1) / 1000
  const blocks = steps.map(({ message, changes }, nth) => {
    const told = changes.map(({ path, content, to }) => (to ? `R ${path} ${to}\n` : `M 100644 inline ${path}\n${bytes(content)}`))
    const from = nth === 0 ? "from refs/heads/main^0\n" : ""
    return `commit refs/heads/main\ncommitter Bench <bench@example.org> ${start + nth * 60} +0000\n${bytes(message)}${from}${told.join("")}\n`
  })
  run("git", ["-C", tree, "fast-import", "--quiet"], { env: apart, input: blocks.join("") })
  git(tree, "reset", "--quiet", "--hard")
}

function write(tree, path, text) {
  const at = join(tree, path)
  mkdirSync(dirname(at), { recursive: true })
  writeFileSync(at, text)
}

function repository(tree, name, items) {
  const registry = { $schema: "https://ui.shadcn.com/schema/registry.json", name, homepage: "https://example.org", items }
  write(tree, "registry.json", `${JSON.stringify(registry, null, 2)}\n`)
  git(tree, "init", "--quiet", "--initial-branch", "main")
  commit(tree, "All items")
  return { tree, items }
}

/** The items of a tar of built items, turned back into sources; `null` without one. */
export function fromBuiltItems(archive) {
  if (!existsSync(archive)) return null
  const unpacked = folder("items")
  run("tar", ["-xzf", archive, "-C", unpacked])
  const tree = folder("shadcn")
  const written = new Map()
  const items = []
  const files = readdirSync(unpacked, { recursive: true }).filter((path) => path.endsWith(".json"))
  for (const path of files.sort()) {
    const { $schema: _, ...item } = JSON.parse(readFileSync(join(unpacked, path), "utf8"))
    if (!item.name || !item.type || item.items) continue
    for (const file of item.files ?? []) {
      const content = file.content ?? ""
      delete file.content
      // Two items may hold different texts under one path.
      if ((written.get(file.path) ?? content) !== content) file.path = `${item.name}/${file.path}`
      written.set(file.path, content)
      write(tree, file.path, content)
    }
    items.push(item)
  }
  return repository(tree, "shadcn", items)
}

/** Numbers that look random and are the same in every run. */
function numbers(seed) {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const nouns = "account alert avatar badge banner billing button calendar card chart command dialog drawer editor feed field filter form gallery grid header input invoice kanban list login map menu meter modal nav order page panel picker player pricing profile progress rating search select sidebar slider stepper switch table tabs team timeline toast toolbar tooltip tree upload usage wizard".split(" ")
const adjectives = "async basic bold bright compact dense dual editable fancy fixed floating fluid folded grouped inline large lazy linked live mini nested outlined paged pinned plain quiet rich rounded simple small sorted split stacked sticky tall tiny wide".split(" ")
const classes = "flex grid items-center justify-between gap-2 gap-4 rounded-md rounded-lg border bg-background text-sm text-muted-foreground font-medium px-4 py-2 p-6 shadow-sm hover:bg-accent focus-visible:ring-2 disabled:opacity-50 w-full h-9 size-4 shrink-0 truncate transition-colors absolute relative inset-0 z-10 overflow-hidden".split(" ")
const packages = "zod react-hook-form date-fns clsx recharts cmdk vaul sonner lucide-react embla-carousel-react".split(" ")

function source(name, pick, length) {
  const title = name.replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase())
  let text = `"use client"\n\nimport * as React from "react"\n\nimport { cn } from "@/lib/utils"\n\n`
  for (let part = 0; text.length < length; part += 1) {
    const [noun, adjective] = [nouns[pick(nouns.length)], adjectives[pick(adjectives.length)]]
    const some = () => Array.from({ length: 4 + pick(8) }, () => classes[pick(classes.length)]).join(" ")
    text += `export function ${title}${noun}${part}({ className, ...props }: React.ComponentProps<"div">) {\n`
    text += `  const [${noun}Now, set${adjective}] = React.useState(${pick(100_000)})\n`
    text += `  return (\n    <div data-slot="${adjective}-${noun}" className={cn("${some()}", className)} {...props}>\n`
    text += `      <span className="${some()}" onClick={() => set${adjective}(${noun}Now + ${pick(1000)})}>The ${adjective} ${noun} of ${name}</span>\n    </div>\n  )\n}\n\n`
  }
  return text
}

/** A generated registry: about 5 KB a file, every thirteenth item with a second one. */
export function generated(count) {
  const tree = folder(`generated-${count}`)
  const pick = numbers(count)
  const items = []
  for (let at = 0; at < count; at += 1) {
    const name = `${adjectives[pick(adjectives.length)]}-${nouns[pick(nouns.length)]}-${at}`
    const files = [{ path: `ui/${name}.tsx`, type: "registry:ui" }]
    if (at % 13 === 0) files.push({ path: `hooks/use-${name}.ts`, type: "registry:hook" })
    for (const file of files) write(tree, file.path, source(name, pick, 2500 + pick(5000)))
    const item = { name, type: "registry:ui", title: name.replaceAll("-", " "), description: `A ${name.replaceAll("-", " ")} with ${nouns[pick(nouns.length)]} and ${nouns[pick(nouns.length)]}.` }
    if (at % 3 === 0) item.dependencies = [packages[pick(packages.length)]]
    if (at > 0 && at % 4 === 0) item.registryDependencies = [items[pick(at)].name]
    items.push({ ...item, files })
  }
  return repository(tree, "generated", items)
}
