// A slow line: pages come through it in pieces, as they may from far away.

import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";

/** How long after each other the pieces of a page come, in milliseconds. */
const PAUSE = 20;
/** How many there are of a page. */
const PIECES = 30;

/** Passes a page on, an element or a few after the other. */
async function inPieces(page: string, answer: ServerResponse): Promise<void> {
  const body = page.indexOf("<body");
  const elements = [page.slice(0, body), ...page.slice(body).split(/(?=<[a-z])/)];
  const most = Math.ceil(elements.length / PIECES);
  for (let at = 0; at < elements.length; at += most) {
    answer.write(elements.slice(at, at + most).join(""));
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  answer.end();
}

/** Runs `use` with the address of a line to the server at `url`. */
export async function slowLine(url: string, use: (url: string) => Promise<void>): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const line = createServer((asked: IncomingMessage, answer: ServerResponse) => {
    const headers = { ...asked.headers, host, "accept-encoding": "identity" };
    const passed = request({ hostname, port, path: asked.url, method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      if (!got.headers["content-type"]?.includes("text/html")) return got.pipe(answer);
      const parts: Buffer[] = [];
      got.on("data", (part) => parts.push(part));
      got.on("end", () => inPieces(Buffer.concat(parts).toString(), answer));
    });
    asked.pipe(passed);
  });
  await new Promise<void>((done) => line.listen(0, "127.0.0.1", done));
  try {
    await use(`http://127.0.0.1:${(line.address() as AddressInfo).port}`);
  } finally {
    line.closeAllConnections();
    line.close();
  }
}
