// The program as a process: what it sees of this machine, and how it starts and ends.

import { expect } from "@playwright/test";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export const root = resolve(import.meta.dirname, "../..");
export const binary = resolve(root, process.env.EKAIROS_BINARY ?? "target/debug/ekairos-registry");
export const run = promisify(execFile);

/** What programs see of this machine: nothing that would change what they do. */
export function environment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    EKAIROS_LOG: "warn",
    // A test says when something is looked at.
    EKAIROS_POLL_EVERY: "off",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.com",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.com",
  };
}

/** A process that prints one line of JSON when it is ready, and then serves. */
export class Served {
  private constructor(
    readonly line: Record<string, string>,
    private readonly child: ChildProcess,
    private readonly log: () => string,
  ) {}

  static async start(command: string, args: string[], folder: string, env: NodeJS.ProcessEnv): Promise<Served> {
    const child = spawn(command, args, { cwd: folder, env, stdio: ["pipe", "pipe", "pipe"] });
    let log = "";
    child.stderr!.on("data", (text) => (log += text));
    const failed = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${log}`)));
    });
    failed.catch(() => {});
    const [line] = await Promise.race([once(createInterface(child.stdout!), "line"), failed]);
    return new Served(JSON.parse(line), child, () => log);
  }

  async stop(): Promise<void> {
    expect(this.child.exitCode, `it stopped by itself: ${this.log()}`).toBeNull();
    const ended = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await ended;
    expect(this.log(), "it panicked").not.toContain("panicked");
  }
}
