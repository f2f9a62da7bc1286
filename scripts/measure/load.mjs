// nginx with the same bytes, and the load that both get.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { folder, freePort, processorTime, run, start, stop } from "./machine.mjs"

/** nginx on one processor, serving these files as fast as it can. */
export async function nginx(files, core) {
  const at = folder("nginx")
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(at, "root", path, ".."), { recursive: true })
    writeFileSync(join(at, "root", path), bytes)
  }
  const port = await freePort()
  writeFileSync(
    join(at, "nginx.conf"),
    `worker_processes 1;
daemon off;
pid ${at}/pid;
error_log stderr crit;
${process.getuid() === 0 ? "user root;" : ""}
events { worker_connections 1024; }
http {
  access_log off;
  default_type application/json;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 600;
  keepalive_requests 100000000;
  open_file_cache max=1000 inactive=600s;
  open_file_cache_valid 600s;
  client_body_temp_path ${at}/body;
  proxy_temp_path ${at}/proxy;
  fastcgi_temp_path ${at}/fastcgi;
  uwsgi_temp_path ${at}/uwsgi;
  scgi_temp_path ${at}/scgi;
  server { listen 127.0.0.1:${port}; root ${at}/root; }
}
`,
  )
  const child = start("taskset", ["-c", String(core), "nginx", "-p", at, "-e", "stderr", "-c", join(at, "nginx.conf")])
  const url = `http://127.0.0.1:${port}`
  const deadline = performance.now() + 10_000
  while (!(await fetch(url + Object.keys(files)[0]).then(() => true, () => false))) {
    if (performance.now() > deadline) throw new Error("nginx does not answer")
  }
  return { url, pid: child.pid, stop: () => stop(child) }
}

const units = { us: 1, ms: 1000, s: 1_000_000 }

/** Loads one address from the second processor; what `pid` spends on it is counted. */
export function wrk(url, { pid, connections = 32, seconds = 2, headers = {}, script } = {}) {
  const args = ["-c", "1", "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "--timeout", "30s"]
  for (const [name, value] of Object.entries(headers)) args.push("-H", `${name}: ${value}`)
  if (script) args.push("-s", script)
  const before = pid && processorTime(pid)
  const text = run("taskset", [...args, url])
  const spent = pid && processorTime(pid) - before
  if (/Non-2xx or 3xx|Socket errors/.test(text)) throw new Error(`wrk ${url}:\n${text}`)
  const requests = Number(text.match(/(\d+) requests in/)[1])
  const latency = (percent) => {
    const [, figure, unit] = text.match(new RegExp(`^ +${percent}% +([\\d.]+)(us|ms|s)`, "m"))
    return Number(figure) * units[unit]
  }
  return {
    rate: Number(text.match(/Requests\/sec: +([\d.]+)/)[1]),
    /** Microseconds of processor time for each request. */
    cost: pid && (spent * 1000) / requests,
    p50: latency(50),
    p99: latency(99),
  }
}
