// A git host on loopback: `git http-backend` as CGI, for repositories of a folder.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export class GitHost {
  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  static async start(folder: string): Promise<GitHost> {
    const server = createServer((request, response) => answer(folder, request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new GitHost(server, (server.address() as AddressInfo).port);
  }

  /** The address of a repository. */
  url(name: string): string {
    return `http://127.0.0.1:${this.port}/${name}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** Runs git for one request, as a web server runs a CGI program (RFC 3875). */
function answer(folder: string, request: IncomingMessage, response: ServerResponse): void {
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
  git.on("close", () => {
    const whole = Buffer.concat(parts);
    const end = whole.indexOf("\r\n\r\n");
    const lines = whole.subarray(0, end).toString().split("\r\n");
    for (const line of lines) {
      const [name, value] = line.split(/:\s*/, 2);
      if (name === "Status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(whole.subarray(end + 4));
  });
}
