// A registry of our own for every test, git repositories to feed it, and a
// watch over everything that the browser complains about.

import { test as base, expect, type BrowserContext, type Page, type Route } from "@playwright/test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Deployment, signIn } from "./deployment";
import { binary, environment, run, Served } from "./process";

/** Whether the tests are run at a server that signs people in through Clerk: EKAIROS_TEST_AUTH is `clerk`. */
export const throughClerk = process.env.EKAIROS_TEST_AUTH === "clerk";

/** The organisation that the tests are in, and how its maintainer is named. */
export const organisation = throughClerk ? "org_acme" : "org_local";
export const byMaintainer = throughClerk ? "by Ann" : "by the operator";

/** A running server with a data folder of its own. */
export class Registry {
  private constructor(
    readonly url: string,
    /** Signs in once; empty where people sign in through Clerk. */
    readonly login: string,
    private readonly data: string,
    private readonly env: NodeJS.ProcessEnv,
    private server: { stop(): Promise<void> },
    private readonly deployment?: Deployment,
  ) {}

  /** Starts one; in local mode with these settings in its environment. */
  static async start(folder: string, settings: NodeJS.ProcessEnv = {}): Promise<Registry> {
    const data = join(folder, "data");
    if (throughClerk) {
      const deployment = await Deployment.start(folder, { kind: "production" }, { EKAIROS_LOCAL_PATHS: "true", EKAIROS_ORG: "org_acme" });
      await deployment.organisation("org_acme", "Acme");
      await deployment.person("user_ann", "Ann", { org_acme: "org:admin" });
      return new Registry(deployment.url, "", data, deployment.env, deployment, deployment);
    }
    const env = { ...environment(folder), ...settings };
    const args = ["serve", "--json", "--listen", "127.0.0.1:0", "--data", data];
    const server = await Served.start(binary, args, folder, env);
    return new Registry(server.line.url, server.line.login, data, env, server);
  }

  /** Stops the server, does something, and starts it again at the same address. */
  async restart(meanwhile: () => Promise<void>): Promise<void> {
    await this.server.stop();
    await meanwhile();
    const listen = new URL(this.url).host;
    const args = ["serve", "--json", "--listen", listen, "--data", this.data];
    this.server = await Served.start(binary, args, dirname(this.data), this.env);
  }

  /** Signs the maintainer in, who sees the first page then. */
  async signIn(page: Page): Promise<void> {
    if (this.deployment) {
      await signIn(page, this.deployment, "Ann");
      await page.goto(`${this.url}/`);
    } else {
      await page.goto(this.login);
    }
    await expect(page).toHaveURL(`${this.url}/`);
  }

  /** Runs a verb of the command line against the running server. */
  async command(...args: string[]): Promise<string> {
    const { stdout } = await run(binary, [...args, "--data", this.data], { cwd: dirname(this.data), env: this.env });
    return stdout;
  }

  /** Registers a repository and syncs it, as an operator would. */
  async serves(repository: Repository, ...flags: string[]): Promise<void> {
    await this.command("repo", "add", repository.path, ...flags);
    await this.command("sync", repository.path, "--wait");
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

/** A git repository made by the `git` command. */
export class Repository {
  /** Every commit is made a minute after the one before. */
  private minutes = 0;
  /** When the next one is made, where a test says so. */
  private at?: Date;

  private constructor(
    readonly path: string,
    private readonly home: string,
  ) {}

  static async create(folder: string, name = "acme-ui"): Promise<Repository> {
    const repository = new Repository(join(folder, name), folder);
    await mkdir(repository.path);
    await repository.git("init", "--quiet", "--initial-branch", "main");
    return repository;
  }

  async git(...args: string[]): Promise<string> {
    const date = (this.at ?? new Date(Date.UTC(2026, 0, 1, 0, this.minutes))).toISOString();
    const env = { ...environment(this.home), GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    const { stdout } = await run("git", args, { cwd: this.path, env });
    return stdout.trim();
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.path, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Commits everything that was written, at this time if one is given; answers the commit's SHA. */
  async commit(message: string, at?: Date): Promise<string> {
    this.minutes += 1;
    this.at = at;
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message", message);
    return this.git("rev-parse", "HEAD");
  }

  /** Writes a registry.json with these items, and a source for each of their files. */
  async define(...items: Item[]): Promise<void> {
    for (const { source, files } of items.map(withFiles)) {
      for (const { path } of files) await this.write(path, source);
    }
    await this.list(...items);
  }

  /** Writes a registry.json only: what its items name may be missing. */
  async list(...items: Item[]): Promise<void> {
    const listed = items.map(withFiles).map(({ source: _, ...item }) => item);
    await this.write("registry.json", JSON.stringify({ name: "acme", homepage: "https://acme.example", items: listed }, null, 2));
  }
}

/** What a test says of an item; the rest follows from its name. */
export interface Item {
  name: string;
  type?: string;
  description?: string;
  categories?: string[];
  dependencies?: string[];
  registryDependencies?: string[];
  source?: string;
  files?: { path: string; type: string }[];
}

function withFiles(item: Item) {
  const files = item.files ?? [{ path: `ui/${item.name}.tsx`, type: "registry:ui" }];
  return { type: "registry:ui", source: `export const name = ${JSON.stringify(item.name)};\n`, ...item, files };
}

/** The items most tests look at: one needs the other, which needs a package. */
export const items = {
  token: {
    name: "brand-token",
    description: "Colours of the brand",
    dependencies: ["clsx@^2.1"],
    source: `export const brand = "oklch(0.6 0.2 250)"; // the one colour\n`,
  },
  panel: {
    name: "brand-panel",
    description: "A panel in the brand's colours",
    registryDependencies: ["brand-token"],
    files: [
      { path: "ui/brand-panel.tsx", type: "registry:ui" },
      { path: "lib/panel-state.ts", type: "registry:lib" },
    ],
  },
} satisfies Record<string, Item>;

/** Everything the browser complains about in one context. */
export class Complaints {
  private readonly heard: string[] = [];
  private readonly expected: RegExp[] = [];
  private readonly allowed: RegExp[] = [];
  private closed = false;

  constructor(context: BrowserContext, scripts: boolean) {
    context.on("weberror", (error) => this.hear(`page error: ${error.error().stack}`));
    context.on("console", (message) => {
      // Without scripts nobody uses the WebAssembly that the page announces.
      const unused = !scripts && message.text().includes("preloaded using link preload but not used");
      if (["error", "warning"].includes(message.type()) && !unused) {
        this.hear(`console: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("requestfailed", (request) => {
      const why = request.failure()?.errorText;
      // Leaving a page gives up what it was still reading. What the server does not
      // have is heard of by its status all the same.
      const left = why === "net::ERR_ABORTED";
      // This is how Chromium calls a script that it does not fetch because scripts are off.
      const unwanted = !scripts && why === "csp" && request.url().endsWith(".js");
      if (!left && !unwanted) this.hear(`request failed: ${request.method()} ${request.url()}: ${why}`);
    });
    context.on("response", (response) => {
      if (response.status() >= 400) this.hear(`status ${response.status()}: ${response.url()}`);
    });
  }

  private hear(text: string): void {
    if (!this.closed) this.heard.push(text);
  }

  /** The test is over: what the browser misses while the server ends is nobody's fault. */
  close(): void {
    this.closed = true;
  }

  /** The test is about this one; it must occur. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** This one may occur: it depends on who is faster. */
  allow(pattern: RegExp): void {
    this.allowed.push(pattern);
  }

  check(): void {
    const surprising = this.heard.filter((text) => ![...this.expected, ...this.allowed].some((pattern) => pattern.test(text)));
    expect(surprising, "the browser complained").toEqual([]);
    const missed = this.expected.filter((pattern) => !this.heard.some((text) => pattern.test(text)));
    expect(missed, "the browser should have complained").toEqual([]);
  }
}

interface Fixtures {
  folder: string;
  registry: Registry;
  repository: Repository;
  complaints: Complaints;
  /** The browser, signed in and on the list of repositories. */
  maintainer: Page;
}

export const test = base.extend<Fixtures>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "ekairos-e2e-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  registry: async ({ folder, complaints }, use) => {
    const registry = await Registry.start(folder);
    await use(registry);
    complaints.close();
    await registry.stop();
  },
  repository: async ({ folder }, use) => {
    await use(await Repository.create(folder));
  },
  complaints: [
    async ({ context, javaScriptEnabled }, use) => {
      await context.addInitScript(() =>
        document.addEventListener("securitypolicyviolation", (event) =>
          console.error(`the page's policy refused ${event.violatedDirective}: ${event.blockedURI}`),
        ),
      );
      const complaints = new Complaints(context, javaScriptEnabled !== false);
      await use(complaints);
      complaints.check();
    },
    { auto: true },
  ],
  maintainer: async ({ registry, page, complaints: _ }, use) => {
    await registry.signIn(page);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Repositories" }).click();
    await expect(page).toHaveURL(`${registry.url}/registry`);
    await use(page);
  },
});

/** Signs out by the menu of the account. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Account of / }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Signed out" })).toBeVisible();
}

/** Opens the page of the only repository. */
export async function openRepository(page: Page, name = "acme-ui"): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Repositories" }).click();
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

/** Opens a tab of a page. */
export async function openTab(page: Page, label: string): Promise<void> {
  const tab = page.locator("nav.tabs").getByRole("link", { name: label });
  await tab.click();
  await expect(tab).toHaveAttribute("aria-current", "page");
}

/** Fills and sends the form that adds a repository. */
export async function addByForm(page: Page, repository: Repository): Promise<void> {
  await page.getByRole("link", { name: /^Add (a )?repository$/ }).click();
  await page.getByLabel("Repository", { exact: true }).fill(repository.path);
  await page.getByRole("button", { name: "Add and sync" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "acme-ui" })).toBeVisible();
}

/** The page as it is once its islands are awake; before that keys and clicks come to nobody. Nothing has the focus. */
export async function awake(page: Page): Promise<void> {
  const shortcuts = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(async () => {
    await page.keyboard.press("?");
    await expect(shortcuts).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await page.keyboard.press("Escape");
  await expect(shortcuts).toBeHidden();
}

/** Asks for a sync by the button once its script has come; before that it is a form that leads to the repository's page. */
export async function sync(page: Page): Promise<void> {
  await expect(page.locator("form.sync")).toHaveAttribute("data-awake");
  await page.getByRole("button", { name: "Sync", exact: true }).click();
}

/** Fails if the page is wider than the screen. */
export async function fitsTheScreen(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, `${page.url()} scrolls sideways`).toBe(0);
}

export { expect, type Page, type Route };

/** Waits until a repository's page shows a sync that has ended; with JavaScript it shows that by itself. */
export async function settled(page: Page, javaScriptEnabled: boolean): Promise<void> {
  await expect(async () => {
    if (!javaScriptEnabled) await page.reload();
    await expect(page.locator(".repository-head .state:not(.working)")).toBeVisible({ timeout: 1_000 });
  }).toPass();
}
