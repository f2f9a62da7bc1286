// A git host on loopback: `git http-backend` behind a small HTTP server, in a
// process of its own so that it answers while this one waits.
import { execFileSync, spawn } from "node:child_process"
import { createServer } from "node:http"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { folder, run, start, stop } from "./machine.mjs"

const self = fileURLToPath(import.meta.url)

/** Serves all repositories in a new folder; `clone` puts one there. */
export async function gitHost() {
  const root = folder("host")
  const child = start("node", [self, root])
  const [port] = await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", (line) => resolve([line])))
  return {
    /** Puts a bare clone of this tree on the host; answers where to push and where to fetch. */
    clone(tree, name) {
      const path = join(root, `${name}.git`)
      run("git", ["clone", "--quiet", "--bare", tree, path])
      return { push: path, url: `http://127.0.0.1:${port}/${name}.git` }
    },
    stop: () => stop(child),
  }
}

function serve(root) {
  const backend = join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-http-backend")
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url, "http://host")
    const cgi = spawn(backend, [], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_SYSTEM: "/dev/null",
        GIT_PROTOCOL: request.headers["git-protocol"] ?? "",
        REQUEST_METHOD: request.method,
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        CONTENT_LENGTH: request.headers["content-length"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        PATH: process.env.PATH,
      },
    })
    request.pipe(cgi.stdin)
    cgi.stdin.on("error", () => {})
    let head = Buffer.alloc(0)
    cgi.stdout.on("data", (chunk) => {
      if (head === null) return response.write(chunk)
      head = Buffer.concat([head, chunk])
      const end = head.indexOf("\r\n\r\n")
      if (end < 0) return
      for (const line of head.subarray(0, end).toString().split("\r\n")) {
        const [name, value] = line.split(": ")
        if (name === "Status") response.statusCode = Number.parseInt(value)
        else response.setHeader(name, value)
      }
      response.write(head.subarray(end + 4))
      head = null
    })
    cgi.stdout.on("end", () => response.end())
  })
  server.listen(0, "127.0.0.1", () => console.log(server.address().port))
}

if (process.argv[1] === self) serve(process.argv[2])
