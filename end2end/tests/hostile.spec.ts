// What others wrote is shown and never runs, in whatever field it stands.

import { expect, test, type Page, type Repository, type Registry } from "../support/registry";
import { hostile } from "../support/hostile";

/** Every item has another of the texts in each of its fields; so does each field of every text. */
async function fill(repository: Repository): Promise<void> {
  const at = (nth: number) => hostile[nth % hostile.length];
  const items = hostile.map((_, nth) => ({
    name: `hostile-${nth}`,
    type: "registry:ui",
    title: at(nth),
    description: at(nth + 1),
    author: at(nth + 2),
    docs: at(nth + 3),
    categories: [at(nth + 4)],
    cssVars: { theme: { [at(nth + 5)]: at(nth + 6) } },
    envVars: { [at(nth + 7)]: at(nth + 8) },
    meta: { [at(nth + 9)]: at(nth + 10) },
    files: [{ path: `ui/hostile-${nth}.tsx`, type: "registry:ui" }],
  }));
  for (const [nth, text] of hostile.entries()) {
    await repository.write(`ui/hostile-${nth}.tsx`, `export const a = 1; // ${at(nth + 11)}\n/* ${at(nth + 12)} */\n${text}\n`);
  }
  // Names and paths that cannot be served are told of.
  const odd = hostile.slice(0, 60).flatMap((text, nth) => [
    { name: text, type: "registry:ui", files: [] },
    { name: `odd-${nth}`, type: text, files: [] },
    { name: `astray-${nth}`, type: "registry:ui", files: [{ path: text, type: "registry:ui" }] },
    { name: `needy-${nth}`, type: "registry:ui", dependencies: [text], registryDependencies: [text], files: [] },
  ]);
  const registry = { name: hostile[0], homepage: `javascript:window.__xss=1`, items: [...items, ...odd] };
  await repository.write("registry.json", JSON.stringify(registry));
  await repository.commit(hostile.slice(0, 20).join("\n"));
  // A commit for each of a few texts, by whoever is called like it.
  for (const [nth, text] of hostile.filter((_, nth) => nth % 23 === 0).entries()) {
    await repository.git("config", "user.name", text.replaceAll(/[<>\n]/g, "") || "x");
    await repository.write(`ui/hostile-${nth}.tsx`, `${text}\n${hostile.join("\n")}\n`);
    await repository.commit(text);
    await repository.git("branch", `b<img/src=x/onerror=window.__xss=1>${nth}`);
    await repository.git("tag", `t"onfocus=window.__xss=1>${nth}`);
  }
}

/** What in this document could run, apart from our own scripts. */
async function whatCouldRun(page: Page, html?: string): Promise<string[]> {
  return page.evaluate((html) => {
    const root = html === undefined ? document : new DOMParser().parseFromString(html, "text/html");
    const found: string[] = [];
    if ((window as unknown as { __xss?: unknown }).__xss !== undefined) found.push("it ran");
    for (const element of root.querySelectorAll("*")) {
      // Clerk's own widgets are drawn there.
      if (element.closest(".slot .widget")) continue;
      const name = element.localName;
      if (["iframe", "object", "embed", "base", "frame", "portal", "marquee"].includes(name)) found.push(`<${name}>`);
      if (name === "script" && element.textContent!.includes("__xss=")) found.push("<script>");
      if (name === "meta" && element.hasAttribute("http-equiv")) found.push("<meta http-equiv>");
      // Theirs carry the page's nonce.
      if (name === "style" && !(element as HTMLElement).nonce) found.push("<style>");
      for (const { name: attribute, value } of element.attributes) {
        const leads = ["href", "src", "action", "formaction", "data", "srcdoc", "xlink:href"].includes(attribute);
        const elsewhere = leads && /^[\s\u0000-\u001f]*(javascript|data|vbscript):/i.test(value);
        if (attribute.startsWith("on") || attribute === "style" || elsewhere) found.push(`${attribute}="${value.slice(0, 80)}"`);
      }
    }
    return found;
  }, html);
}

/** Opens a page as a person does, and looks at what stands there. */
async function isHarmless(page: Page, path: string): Promise<void> {
  await page.goto(path);
  expect(await whatCouldRun(page), path).toEqual([]);
}

/** Looks at a page's HTML as the browser reads it, without opening it. */
async function readsHarmless(page: Page, path: string): Promise<void> {
  const html = await page.evaluate(async (path) => (await fetch(path, { headers: { accept: "text/html" } })).text(), path);
  expect(await whatCouldRun(page, html), path).toEqual([]);
}

async function repositoryOf(registry: Registry): Promise<string> {
  return JSON.parse(await registry.command("repo", "list", "--json"))[0].id;
}

test("two hundred texts that want to run do not, in whatever field of a component", async ({ maintainer: page, registry, repository }) => {
  test.setTimeout(600_000);
  expect(hostile.length).toBeGreaterThan(200);
  await fill(repository);
  await registry.serves(repository);

  for (const nth of hostile.keys()) await isHarmless(page, `${registry.url}/components/hostile-${nth}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`hostile-${hostile.length - 1}`);
  // The texts are there, as texts.
  await expect(page.locator("#source")).toContainText("window.__xss=1");

  const id = await repositoryOf(registry);
  const tabs = ["", "?tab=commits", "?tab=history", "?tab=findings", "?tab=refs", "?tab=settings"];
  for (const tab of tabs) await isHarmless(page, `${registry.url}/registry/${id}${tab}`);
  for (const path of ["/registry", "/components", "/names", "/settings", "/settings/audit", "/settings/tokens"]) {
    await isHarmless(page, registry.url + path);
  }
  for (const tab of ["?tab=commits", "?tab=versions"]) await isHarmless(page, `${registry.url}/components/hostile-0${tab}`);
  const commits = JSON.parse(
    await page.evaluate(async (id) => (await fetch(`/api/internal/registry/${id}/commits`)).text(), id),
  );
  for (const { sha } of commits.rows) await isHarmless(page, `${registry.url}/registry/${id}/commits/${sha}`);
});

test("what someone typed or was sent comes back as a text", async ({ maintainer: page, registry, repository, complaints }) => {
  test.setTimeout(600_000);
  complaints.expect(/status 4\d\d/);
  complaints.expect(/console: Failed to load resource/);
  await repository.define({ name: "brand-panel" });
  await repository.commit("One");
  await registry.serves(repository);
  const id = await repositoryOf(registry);
  const sent = (typed: string) => [
    `/components?q=${typed}`,
    `/components/${typed}`,
    `/diff/brand-panel?from=${typed}&to=${typed}`,
    `/registry/${id}/compare?from=${typed}&to=${typed}`,
  ];
  // What these say is not repeated.
  const unread = (typed: string) => [
    `/components/brand-panel?file=${typed}&tab=${typed}`,
    `/registry/${typed}`,
    `/registry/${id}?tab=commits&q=${typed}`,
    `/names?q=${typed}`,
    `/${typed}`,
  ];
  for (const [nth, text] of hostile.entries()) {
    const typed = encodeURIComponent(text);
    const paths = nth % 10 === 0 ? [...sent(typed), ...unread(typed)] : sent(typed);
    await Promise.all(paths.map((path) => readsHarmless(page, registry.url + path)));
  }
  for (const text of hostile.filter((_, nth) => nth % 10 === 0)) {
    const typed = encodeURIComponent(text);
    for (const path of [`/components?q=${typed}`, `/components/${typed}`, `/login?redirect=${typed}`, `/${typed}`]) {
      await isHarmless(page, registry.url + path);
    }
    // A token that is called like it.
    await registry.command("token", "create", `--name=${text.replaceAll(/[\u0000-\u001f]/g, " ").slice(0, 60)}`, "--scope", "read");
  }
  for (const path of ["/settings/tokens", "/settings/audit"]) await isHarmless(page, registry.url + path);
});
