// A Next.js page with the same elements as one of ours, rendered anew for each request
// from what it holds in memory: it asks no database, knows nobody, and highlights nothing.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { folder, freePort, run, say, start, stop } from "./machine.mjs"

const versions = { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" }

/** Runs in a page of ours: its elements as `[tag, attributes, children]`, named as React names them. */
export function elements() {
  const named = { class: "className", for: "htmlFor", tabindex: "tabIndex", colspan: "colSpan", rowspan: "rowSpan", autocomplete: "autoComplete", spellcheck: "spellCheck", maxlength: "maxLength", popovertarget: "popoverTarget", enterkeyhint: "enterKeyHint", autocapitalize: "autoCapitalize" }
  const camel = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase())
  const tree = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.nodeValue
    if (node.nodeType !== Node.ELEMENT_NODE || node.localName === "script") return null
    const given = {}
    for (const { name, value } of node.attributes) {
      if (name.startsWith("on") || name === "style") continue
      if (name === "value" && node.localName === "input") given.defaultValue = value
      else if (name === "checked") given.defaultChecked = true
      else if (name === "selected") continue
      else if (/^(data|aria)-/.test(name)) given[name] = value
      else if (node.namespaceURI.endsWith("svg")) given[name === "class" ? "className" : camel(name)] = value
      else given[named[name] ?? name] = value === "" ? true : value
    }
    if (typeof given.className !== "string") delete given.className
    return [node.localName, given, [...node.childNodes].map(tree).filter((child) => child !== null)]
  }
  return tree(document.body)
}

const layout = `export const metadata = { title: "Registry" }
export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>
}
`

const page = (name) => `import { readFileSync } from "node:fs"
import { createElement } from "react"
export const dynamic = "force-dynamic"
const tree = JSON.parse(readFileSync(process.cwd() + "/${name}.json", "utf8"))
const render = (node, key) => typeof node === "string" ? node : createElement(node[0], { ...node[1], key }, ...(node[2].length ? [node[2].map(render)] : []))
export default function Page() {
  return <>{tree[2].map(render)}</>
}
`

/** Builds the pages, each a name and its elements, and serves them from one processor. */
export async function next(pages, core) {
  const at = folder("next")
  const write = (path, text) => {
    mkdirSync(join(at, path, ".."), { recursive: true })
    writeFileSync(join(at, path), text)
  }
  write("package.json", JSON.stringify({ private: true, type: "module", dependencies: versions }))
  write("next.config.mjs", "export default { compress: false, poweredByHeader: false }\n")
  write("app/layout.jsx", layout)
  for (const [name, tree] of Object.entries(pages)) {
    write(`${name}.json`, JSON.stringify(tree))
    write(`app/${name}/page.jsx`, page(name))
  }
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }
  say(`building Next.js ${versions.next}`)
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: at, env })
  run("npx", ["next", "build"], { cwd: at, env })
  const port = await freePort()
  const child = start("taskset", ["-c", String(core), join(at, "node_modules/.bin/next"), "start", "--port", String(port), "--hostname", "127.0.0.1"], { cwd: at, env })
  const url = `http://127.0.0.1:${port}`
  const deadline = performance.now() + 30_000
  while (!(await fetch(`${url}/${Object.keys(pages)[0]}`).then((answer) => answer.ok, () => false))) {
    if (performance.now() > deadline) throw new Error("Next.js does not answer")
  }
  return { url, pid: child.pid, stop: () => stop(child) }
}
