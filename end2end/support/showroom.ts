// A registry as a company has it: 12 repositories, 500 commits, and the 367 items of
// shadcn's own registry where they are at hand, else as many made up. The texts of the
// files are always ours: others' code belongs into no picture. The same in every run.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { root, run } from "./process";
import { type Registry } from "./registry";
import { repositories, type Sights } from "./tour";

/** When it is in the showroom. */
export const today = Date.UTC(2026, 10, 2, 9, 0);

const archive = join(root, "../shared/fixtures/shadcn-new-york-items.tar.gz");

/** Whether the real items are at hand. */
export const hasRealItems = existsSync(archive);

interface BuiltItem {
  name: string;
  type: string;
  description?: string;
  files?: { path: string; content?: string }[];
}

/** Where an item belongs. The last one takes what no other does. */
const rooms: [repository: string, takes: (item: BuiltItem) => boolean][] = [
  ["charts", ({ name }) => name.startsWith("chart-")],
  ["sidebar", ({ name }) => name.startsWith("sidebar-")],
  ["calendar", ({ name }) => name.startsWith("calendar-")],
  ["sign-in", ({ name }) => /^(login|signup|otp)-/.test(name)],
  ["themes", ({ type }) => /:(theme|style|font|base)$/.test(type)],
  ["hooks", ({ type }) => type === "registry:hook"],
  ["lib", ({ type }) => type === "registry:lib"],
  ["lab", ({ type }) => type === "registry:internal"],
  ["blocks", ({ type }) => type === "registry:block"],
  ["examples", ({ type, name }) => type === "registry:example" && name < "i"],
  ["recipes", ({ type }) => type === "registry:example"],
  ["acme-ui", () => true],
];

async function realItems(folder: string): Promise<BuiltItem[]> {
  const unpacked = join(folder, "items");
  await mkdir(unpacked);
  await run("tar", ["-xzf", archive, "-C", unpacked]);
  const paths = (await readdir(unpacked, { recursive: true })).filter((path) => path.endsWith(".json")).sort();
  const read = await Promise.all(paths.map(async (path) => JSON.parse(await readFile(join(unpacked, path), "utf8"))));
  const listed = read.filter(({ name, type, items }) => name && type && !items);
  return listed.map(({ $schema: _, files, ...item }: BuiltItem & { $schema?: string }) => ({
    ...item,
    files: files?.map((file) => ({ ...file, content: text(file.path) })),
  }));
}

/** What stands in a file of this path. */
function text(path: string): string {
  const name = basename(path).replace(/\.\w+$/, "");
  const part = name.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("") || "Part";
  return `// ${name}: a part of the showroom.
export interface ${part}Props {
  /** What it is called on the page. */
  label: string;
  /** How much room it takes. */
  size?: "small" | "large";
  disabled?: boolean;
}

const sizes = { small: "h-8 px-3 text-sm", large: "h-11 px-6 text-base" } as const;

/** Shows its label, and tells what state it is in. */
export function ${part}({ label, size = "small", disabled = false }: ${part}Props) {
  const state = disabled ? "off" : "on";
  return (
    <div data-slot="${name}" data-state={state} className={sizes[size]}>
      <span aria-hidden={disabled}>{label}</span>
    </div>
  );
}
`;
}

/** As many items as the real ones are, of every kind. */
function madeUp(): BuiltItem[] {
  const kinds = ["ui", "ui", "example", "example", "block", "hook", "lib", "theme", "internal"];
  const starts = ["", "", "", "chart-", "sidebar-", "calendar-", "login-"];
  return Array.from({ length: 367 }, (_, nth) => {
    const name = `${starts[nth % starts.length]}${["button", "panel", "table", "menu", "field", "badge"][nth % 6]}-${nth}`;
    const path = `ui/${name}.tsx`;
    const files = [{ path, type: "registry:ui", content: text(path) }];
    return { name, type: `registry:${kinds[nth % kinds.length]}`, description: `A ${name} for the showroom`, files };
  });
}

const people = ["Ada Moreno", "Bo Lindqvist", "Chidi Okafor", "Dana Whitfield", "Emre Aksoy"];
const subjects = ["Tidy", "Fix the focus ring of", "Use the new tokens in", "Describe", "Fewer classes in", "Round the corners of", "Make room in"];

/** Writes a repository by `git fast-import`: its items, then a commit a few hours after the other up to now. */
async function write(path: string, name: string, items: BuiltItem[], commits: number, nth: number): Promise<void> {
  const bytes = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const files = new Map<string, string>();
  const listed = items.map(({ files: of, ...item }) => ({
    ...item,
    files: of?.map(({ content = "", ...file }) => {
      // Two items may hold different texts under one path.
      const path = (files.get(file.path) ?? content) === content ? file.path : `${item.name}/${file.path}`;
      files.set(path, content);
      return { ...file, path };
    }),
  }));
  const registry = { $schema: "https://ui.shadcn.com/schema/registry.json", name, homepage: "https://acme.example", items: listed };
  files.set("registry.json", `${JSON.stringify(registry, null, 2)}\n`);
  const source = (item: BuiltItem) => item.files?.find(({ path }) => /\.(tsx?|css)$/.test(path))?.path;
  const touchable = listed.some(source) ? listed.filter(source) : listed;
  const step = 5 * 3_600 + nth * 700;
  const commit = (at: number, who: string, message: string, changes: string) => {
    const person = `${who} <${who.split(" ")[0].toLowerCase()}@acme.example> ${today / 1_000 - (commits - at) * step - nth * 900} +0000`;
    return `commit refs/heads/main\nauthor ${person}\ncommitter ${person}\n${bytes(message)}${changes}\n`;
  };
  const put = (path: string, content: string) => `M 100644 inline ${path}\n${bytes(content)}`;
  const stream = [commit(0, people[nth % people.length], `Begin ${name}`, [...files].map(([path, content]) => put(path, content)).join(""))];
  for (let at = 1; at < commits; at += 1) {
    const item = touchable[(at * 7 + nth) % touchable.length];
    const path = source(item) ?? "registry.json";
    if (path === "registry.json") item.description = `${item.name}, as of change ${at}`;
    const content = path === "registry.json" ? `${JSON.stringify(registry, null, 2)}\n` : `${files.get(path)!.trimEnd()}\n/* ${at} */\n`;
    files.set(path, content);
    stream.push(commit(at, people[(at * 3 + nth) % people.length], `${subjects[at % subjects.length]} ${item.name}`, put(path, content)));
  }
  await run("git", ["init", "--quiet", "--initial-branch", "main", path]);
  const git = spawn("git", ["-C", path, "fast-import", "--quiet"], { stdio: ["pipe", "ignore", "inherit"] });
  git.stdin.end(stream.join(""));
  const [code] = await once(git, "exit");
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  await run("git", ["-C", path, "reset", "--quiet", "--hard"]);
}

/** Fills a registry, and breaks one repository of it. */
export async function fill(registry: Registry, folder: string): Promise<Sights> {
  const items = hasRealItems ? await realItems(folder) : madeUp();
  const left = new Set(items);
  const all = 500;
  let made = 0;
  await registry.command("settings", "--name", "Acme UI", "--alias", "@acme", "--policy", "own-first");
  for (const [nth, [name, takes]] of rooms.entries()) {
    const taken = [...left].filter(takes);
    taken.forEach((item) => left.delete(item));
    const last = nth === rooms.length - 1;
    const commits = last ? all - made : 30 + ((nth * 5) % 17);
    made += commits;
    const path = join(folder, "showroom", name);
    await mkdir(dirname(path), { recursive: true });
    const own = taken.length > 0 ? taken : madeUp().slice(nth, nth + 3).map((item) => ({ ...item, name: `${name}-${item.name}` }));
    await write(path, name, own, commits, nth);
    await registry.command("repo", "add", path);
    await registry.command("sync", path, "--wait").catch(() => {}); // findings are part of the show
  }
  const lab = join(folder, "showroom/lab");
  await writeFile(join(lab, "registry.json"), "{ not json");
  const date = new Date(today - 600_000).toISOString();
  const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const who = ["-c", "user.name=Emre Aksoy", "-c", "user.email=emre@acme.example"];
  await run("git", ["-C", lab, ...who, "commit", "--quiet", "--all", "--message", "A slip"], { env });
  await registry.command("sync", basename(lab), "--wait").catch(() => {}); // it fails, which is the point
  await registry.command("token", "create", "--name", "ci", "--scope", "read");
  await registry.command("token", "create", "--name", "design", "--scope", "sync");
  const ids = await repositories(registry);
  const { stdout } = await run("git", ["-C", join(folder, "showroom/acme-ui"), "rev-parse", "HEAD", "HEAD~60"]);
  const [commit, before] = stdout.trim().split("\n");
  const component = hasRealItems ? "button" : "button-0";
  return { good: ids["acme-ui"], broken: ids.lab, commit, component, before };
}
