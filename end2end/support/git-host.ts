// A git host on loopback: `git http-backend` as CGI, for repositories of a folder.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class GitHost {
  private constructor(
    private readonly server: Server,
    private readonly port: number,
    private readonly gate: Gate,
  ) {}

  static async start(folder: string): Promise<GitHost> {
    const gate: Gate = { open: Promise.resolve() };
    const server = createServer((request, response) => answer(folder, request, response, gate));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new GitHost(server, (server.address() as AddressInfo).port, gate);
  }

  /** The address of a repository. */
  url(name: string): string {
    return `http://127.0.0.1:${this.port}/${name}`;
  }

  /** From now on packs are sent by half, until the function that this answers is called. */
  hold(): () => void {
    let release = () => {};
    this.gate.open = new Promise((resolve) => (release = resolve));
    return release;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** What answers wait for in their middle. */
interface Gate {
  open: Promise<void>;
}

/** An answer that is longer than this is a pack. */
const LONG = 4 * 1024;

/** Runs git for one request, as a web server runs a CGI program (RFC 3875). */
function answer(folder: string, request: IncomingMessage, response: ServerResponse, gate: Gate): void {
  const url = new URL(request.url!, "http://localhost");
  const header = (name: string) => String(request.headers[name] ?? "");
  const git = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      HTTP_GIT_PROTOCOL: header("git-protocol"),
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(git.stdin);
  git.stdin.on("error", () => {});
  const parts: Buffer[] = [];
  git.stdout.on("data", (part) => parts.push(part));
  git.on("close", async () => {
    const whole = Buffer.concat(parts);
    const end = whole.indexOf("\r\n\r\n");
    const lines = whole.subarray(0, end).toString().split("\r\n");
    for (const line of lines) {
      const [name, value] = line.split(/:\s*/, 2);
      if (name === "Status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    const body = whole.subarray(end + 4);
    const first = body.length > LONG ? body.length / 2 : 0;
    if (first > 0) {
      response.write(body.subarray(0, first));
      await gate.open;
    }
    response.end(body.subarray(first));
  });
}
