// A registry with something on every page, and the way through all of them.

import { items, Repository, type Registry } from "./registry";

/** A page: what it is called, and where it is. */
export type Stop = [name: string, path: string];

/** What the tour leads through. */
export interface Sights {
  /** The id of a repository that is well. */
  good: string;
  /** The id of one whose last sync failed. */
  broken: string;
  /** A commit of the good one. */
  commit: string;
  /** A component with two versions at least. */
  component: string;
  /** A commit at which that component was another. */
  before: string;
  /** One that was removed. */
  removed?: string;
  /** The id of a token. */
  token?: string;
}

/** The ids of repositories by their names. */
export async function repositories(registry: Registry): Promise<Record<string, string>> {
  const listed: { id: string; name: string }[] = JSON.parse(await registry.command("repo", "list", "--json"));
  return Object.fromEntries(listed.map(({ id, name }) => [name, id]));
}

/** Two repositories, one of them broken; a removed component, a token, a rename. */
export async function smallRegistry(registry: Registry, folder: string): Promise<Sights> {
  const good = await Repository.create(folder, "acme-ui");
  const old = { name: "brand-old", description: "What the panel was before" };
  await good.define(items.token, items.panel, old);
  const before = await good.commit("The brand");
  await registry.serves(good);
  await good.define({ ...items.token, source: `export const brand = "oklch(0.5 0.2 250)";\n` }, items.panel, { name: "half-done" });
  await good.write(".gitignore", "ui/half-done.tsx\n");
  const commit = await good.commit("A darker brand\n\nThe old panel goes, and something is half done.");
  await registry.command("sync", "acme-ui", "--wait");

  const broken = await Repository.create(folder, "legacy-kit");
  await broken.define({ name: "legacy-grid", dependencies: ["clsx@^1.2"] });
  await broken.commit("The grid");
  await registry.serves(broken);
  await broken.write("registry.json", "{ not json");
  await broken.commit("A slip");
  // It fails, which is the point.
  await registry.command("sync", "legacy-kit", "--wait").catch(() => {});

  await registry.command("token", "create", "--name", "ci", "--scope", "read");
  const ids = await repositories(registry);
  const tokens: { id: string }[] = JSON.parse(await registry.command("token", "list", "--json"));
  return { good: ids["acme-ui"], broken: ids["legacy-kit"], commit, component: "brand-token", before, removed: "brand-old", token: tokens[0].id };
}

/** Every page that someone who is signed in may open and that shows something. */
export function everyPage({ good, broken, commit, component, before, removed, token }: Sights): Stop[] {
  const stops: Stop[] = [
    ["home", "/"],
    ["repositories", "/registry"],
    ["add-repository", "/registry/new"],
    ["repository", `/registry/${good}`],
    ["repository-commits", `/registry/${good}?tab=commits`],
    ["repository-syncs", `/registry/${good}?tab=syncs`],
    ["repository-refs", `/registry/${good}?tab=refs`],
    ["repository-history", `/registry/${good}?tab=history`],
    ["repository-findings", `/registry/${good}?tab=findings`],
    ["repository-settings", `/registry/${good}?tab=settings`],
    ["repository-broken", `/registry/${broken}`],
    ["repository-broken-syncs", `/registry/${broken}?tab=syncs`],
    ["repository-broken-findings", `/registry/${broken}?tab=findings`],
    ["repository-remove", `/registry/${good}/remove`],
    ["repository-namespace", `/registry/${good}/namespace`],
    ["webhook", `/registry/${good}/webhook`],
    ["commit", `/registry/${good}/commits/${commit}`],
    ["components", "/components"],
    ["components-search", `/components?q=${component}`],
    ["components-nothing", "/components?q=zzzzzz"],
    ["component", `/components/${component}`],
    ["component-dependencies", `/components/${component}?tab=dependencies`],
    ["component-versions", `/components/${component}?tab=versions`],
    ["component-commits", `/components/${component}?tab=commits`],
    ["diff", `/diff/${component}?from=sha-${before}`],
    ["diff-of-nothing", `/diff/${component}`],
    ["packages", "/packages"],
    ["activity", "/activity"],
    ["names", "/names"],
    ["hand", "/hand/new"],
    ["settings", "/settings"],
    ["settings-registry", "/settings/registry"],
    ["settings-members", "/settings/members"],
    ["settings-tokens", "/settings/tokens"],
    ["settings-audit", "/settings/audit"],
    ["not-found", "/nowhere"],
  ];
  if (removed) stops.push(["component-removed", `/components/${removed}`]);
  if (token) stops.push(["token-rotate", `/settings/tokens/${token}/rotate`], ["token-revoke", `/settings/tokens/${token}/revoke`]);
  return stops;
}

/** What someone sees who has not signed in. */
export const outside: Stop[] = [
  ["stranger", "/"],
  ["sign-in", "/login"],
  ["sign-in-used-link", "/login?error=used"],
  ["signed-out", "/signed-out"],
  ["sign-in-needed", "/registry"],
];
