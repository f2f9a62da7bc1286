// A deployment that signs people in through Clerk: our server, a fake Clerk with
// a platform (crates/clerk/examples/fake.rs) that serves the real clerk-js, and
// for each organisation a second process of our program in an InstantDB's place.
//
// clerk-js and its widgets are whole files in their packages; what the packages
// depend on is in them, so package.json overrides it away.

import { expect, type Page } from "@playwright/test";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { binary, environment, root, run, Served } from "./process";

/** How a deployment is set up. */
export interface Setup {
  kind: "production" | "development";
  /** The domain whose sub-domains share cookies; without one all is `localhost`. */
  domain?: string;
}

/** What opens an organisation's database. */
export interface Credentials {
  instant: { appId: string; adminToken: string; apiUri: string };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export class Deployment {
  private readonly running: Served[] = [];
  private readonly databases: Served[] = [];
  /** Where the registry is. */
  url = "";
  /** Where the platform is. */
  platform = "";
  private control = "";
  /** What the program sees, for commands beside the server. */
  env: NodeJS.ProcessEnv = {};

  private constructor(private readonly folder: string) {}

  static async start(folder: string, { kind, domain }: Setup, settings: NodeJS.ProcessEnv = {}): Promise<Deployment> {
    const deployment = new Deployment(folder);
    const port = await freePort();
    const host = (name: string) => (domain ? `${name}.${domain}` : "localhost");
    deployment.url = `http://${host("registry")}:${port}`;
    const scripts = join(root, "end2end/node_modules");
    const fake = join(root, "target/debug/examples/fake");
    const clerk = await Served.start(fake, [kind, deployment.url, domain ?? "-", scripts], folder, environment(folder));
    const told = clerk.line;
    deployment.control = told.CLERK_API_URL;
    const onPlatform = (address: string) => address.replace("//localhost:", `//${host("platform")}:`);
    deployment.platform = onPlatform(told.PLATFORM_BASE_URL);
    deployment.env = {
      ...environment(folder),
      ...settings,
      ...told,
      CLERK_PROXY_URL: onPlatform(told.CLERK_PROXY_URL),
      PLATFORM_BASE_URL: deployment.platform,
      EKAIROS_ALLOW_HOSTS: "127.0.0.1=127.0.0.0/8",
      EKAIROS_DATA: join(folder, "data"),
    };
    const server = await Served.start(binary, ["serve", "--json", "--listen", `127.0.0.1:${port}`], folder, deployment.env);
    deployment.running.push(server, clerk);
    return deployment;
  }

  /** Tells the fake Clerk something: see crates/clerk/src/testing/control.rs. */
  async say(command: Record<string, unknown>): Promise<Record<string, unknown>> {
    const headers = { "content-type": "application/json" };
    const told = await fetch(`${this.control}/__fake`, { method: "POST", headers, body: JSON.stringify(command) });
    expect(told.status, await told.clone().text()).toBe(200);
    return told.json();
  }

  /** A database, ready for an organisation. */
  async database(): Promise<Credentials> {
    const folder = join(this.folder, `database-${this.databases.length}`);
    await mkdir(folder);
    const env = { ...environment(folder), EKAIROS_DATA: join(folder, "data") };
    const args = ["serve", "--json", "--listen", "127.0.0.1:0", "--instant-listen", "127.0.0.1:0"];
    const served = await Served.start(binary, args, folder, env);
    this.databases.push(served);
    const { stdout } = await run(binary, ["instant", "credentials", "--json"], { cwd: folder, env });
    const { appId, adminToken } = JSON.parse(stdout);
    return { instant: { appId, adminToken, apiUri: served.line.instant } };
  }

  /** An organisation; with a database unless told otherwise. */
  async organisation(id: string, name: string, metadata?: object): Promise<void> {
    await this.say({ do: "organization", id, name, private_metadata: metadata ?? (await this.database()) });
  }

  /** A person with roles in organisations. */
  async person(id: string, firstName: string, memberships: Record<string, string>): Promise<void> {
    await this.say({ do: "user", id, first_name: firstName, memberships });
  }

  async stop(): Promise<void> {
    for (const process of [...this.running, ...this.databases]) await process.stop();
  }
}

/** Opens a page of the registry, signs in where that leads, and comes back. */
export async function signIn(page: Page, deployment: Deployment, name: string, path = "/registry"): Promise<void> {
  await page.goto(deployment.url + path);
  await page.getByRole("button", { name, exact: true }).click();
  await expect(page).toHaveURL(deployment.url + path);
}
