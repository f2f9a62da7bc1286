// A component's page: installing it, reading its files, walking what it needs,
// and its history.

import { awake, expect, fitsTheScreen, items, openTab, test, throughClerk, type Page, type Registry, type Repository } from "../support/registry";

const long = `export const long = "${"a long line ".repeat(40)}";\n`;

/** A panel that needs a token, is needed by a page, has files in folders and a second commit. */
async function panels(registry: Registry, repository: Repository): Promise<{ first: string; second: string }> {
  const panel = (source: string) => ({
    ...items.panel,
    source,
    description: "A panel, see [its guide](https://guide.example/panel) and <Panel>.",
    docs: "## Set up\n\nWrap it:\n\n```tsx\nconst a = <Panel/>\n```\n\n- one\n- [two](javascript:alert(1))",
    dependencies: ["clsx@^2.1"],
    registryDependencies: ["brand-token", "@elsewhere/thing"],
    files: [
      { path: "registry/ui/brand-panel.tsx", type: "registry:ui" },
      { path: "registry/ui/parts/title.tsx", type: "registry:ui" },
      { path: "registry/lib/panel-state.ts", type: "registry:lib" },
    ],
  });
  const page = { name: "brand-page", registryDependencies: ["brand-panel"] };
  await repository.define(items.token, panel(long), page);
  const first = await repository.commit("The brand");
  await repository.git("tag", "v1.0.0");
  await repository.define(items.token, panel(`${long}export const more = true;\n`), page);
  const second = await repository.commit("More of the panel");
  await registry.serves(repository);
  return { first, second };
}

/** The command that is seen, without its prompt. */
const command = (page: Page) => page.getByLabel("Install", { exact: true }).locator(".command:visible code").first();

const commands = {
  pnpm: "pnpm dlx shadcn@latest add @registry/brand-panel",
  npm: "npx shadcn@latest add @registry/brand-panel",
  yarn: "yarn dlx shadcn@latest add @registry/brand-panel",
  bun: "bunx --bun shadcn@latest add @registry/brand-panel",
};

test("the command of each package manager is copied, and the choice is kept without a jump", async ({
  maintainer: page,
  context,
  registry,
  repository,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await panels(registry, repository);
  await page.goto(`${registry.url}/components/brand-panel`);
  const install = page.getByLabel("Install", { exact: true });
  await awake(page);
  for (const [manager, expected] of Object.entries(commands)) {
    await install.getByRole("radio", { name: manager, exact: true }).check();
    await expect(command(page)).toHaveText(expected);
    await install.getByRole("button", { name: "Copy" }).first().click();
    await expect(page.getByRole("status").filter({ hasText: "Copied" })).toBeAttached();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(expected);
  }
  // By address, of the same package manager, where that needs no token.
  if (!throughClerk) {
    await install.getByText("For a project that does not know this registry").click();
    await expect(page.locator("#install-by-url-bun")).toHaveText(`bunx --bun shadcn@latest add ${registry.url}/r/brand-panel.json`);
    await expect(page.locator("#install-by-url-npm")).toBeHidden();
  }

  await page.goto(`${registry.url}/components/brand-token`);
  await expect(page.getByRole("radio", { name: "bun", exact: true })).toBeChecked();
  // The server knew it: the page as sent shows it already.
  const html = await page.evaluate(async () => (await fetch(location.href, { headers: { accept: "text/html" } })).text());
  expect(html).toMatch(/value="bun"[^>]*checked/);
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, entry) => sum + (entry as unknown as { value: number }).value, 0))).observe({
          type: "layout-shift",
          buffered: true,
        });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(0)));
      }),
  );
  expect(shift).toBeLessThan(0.01);
});

test("files stand in a tree that the keyboard walks, folders fold, and the open one keeps its place", async ({ maintainer: page, registry, repository }) => {
  await panels(registry, repository);
  await page.goto(`${registry.url}/components/brand-panel`);
  const tree = page.getByRole("navigation", { name: "Files" });
  await expect(tree.getByRole("link")).toHaveText(["title.tsx", "brand-panel.tsx", "panel-state.ts"]);
  await expect(tree.getByRole("link", { name: "brand-panel.tsx" })).toHaveAttribute("aria-current", "true");
  await awake(page);
  await page.keyboard.press("j");
  await expect(tree.getByRole("link", { name: "title.tsx" })).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/file=registry%2Flib%2Fpanel-state\.ts/);
  await expect(tree.getByRole("link", { name: "panel-state.ts" })).toHaveAttribute("aria-current", "true");
  await expect(page.getByRole("region", { name: "registry/lib/panel-state.ts" })).toContainText("Lands in");
  const folder = tree.locator("summary", { hasText: /^ui$/ });
  await folder.focus();
  await page.keyboard.press("Enter");
  await expect(tree.getByRole("link", { name: "title.tsx" })).toBeHidden();
});

test("long lines wrap when asked to, each line has an address, and the file is there as a plain text", async ({ maintainer: page, registry, repository }) => {
  await panels(registry, repository);
  await page.goto(`${registry.url}/components/brand-panel`);
  const source = page.getByRole("region", { name: "registry/ui/brand-panel.tsx" });
  const overflows = () => source.locator("pre").evaluate((pre) => pre.scrollWidth > pre.clientWidth);
  expect(await overflows()).toBe(true);
  await source.getByLabel("Wrap").check();
  expect(await overflows()).toBe(false);
  await page.goto(`${registry.url}/components/brand-panel#L2`);
  await expect(page.locator("#L2")).toBeInViewport();

  await page.getByRole("link", { name: "Raw" }).click();
  await expect(page).toHaveURL(/\/raw\/brand-panel\?file=/);
  await expect(page.locator("body")).toContainText("export const more = true;");
});

test("what it needs and what needs it is a graph that the keyboard walks", async ({ maintainer: page, registry, repository }) => {
  await panels(registry, repository);
  await page.goto(`${registry.url}/components/brand-panel`);
  await openTab(page, "Dependencies");
  const graph = page.getByRole("group", { name: "What needs it, and what it needs" });
  await expect(graph.getByRole("link")).toHaveCount(5);
  await expect(graph.getByRole("link", { name: "@elsewhere/thing, of another registry" })).toBeVisible();
  await expect(graph.getByRole("link", { name: "clsx@^2.1, npm package" })).toBeVisible();
  // The same as lists.
  await expect(page.locator("#needed-by").getByRole("link")).toHaveText(["brand-page"]);
  await expect(page.locator("#needs").getByRole("link")).toHaveText(["@registry/brand-token", "clsx@^2.1"]);

  await page.getByRole("region", { name: "Graph" }).focus();
  await page.keyboard.press("Tab");
  await expect(graph.getByRole("link", { name: "brand-page, component" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/components\/brand-page\?tab=dependencies$/);
  // Two steps away now.
  await expect(page.getByRole("link", { name: "brand-token, component" })).toBeVisible();
});

test("notes are read as Markdown, and nothing in them leads astray", async ({ maintainer: page, registry, repository }) => {
  await panels(registry, repository);
  await page.goto(`${registry.url}/components/brand-panel`);
  await expect(page.locator(".lead")).toHaveText("A panel, see its guide and <Panel>.");
  await expect(page.locator(".lead").getByRole("link")).toHaveAttribute("rel", "noopener nofollow ugc");
  const docs = page.getByRole("region", { name: "After installing" });
  await expect(docs.getByRole("heading", { level: 4, name: "Set up" })).toBeVisible();
  await expect(docs.locator("pre .k")).toHaveText("const");
  await expect(docs.getByRole("listitem")).toHaveText(["one", "two"]);
  await expect(docs.getByRole("link")).toHaveCount(0);
});

test("each commit has its difference one click away, and a version its files and commands", async ({ maintainer: page, registry, repository }) => {
  const { first } = await panels(registry, repository);
  await page.goto(`${registry.url}/components/brand-panel?tab=commits`);
  const newest = page.locator("ol.commits > li").first();
  await expect(newest).toContainText("3 lines added, 0 removed");
  await newest.getByRole("link", { name: "Diff of More of the panel" }).click();
  await expect(page.getByRole("insertion").first()).toContainText("export const more = true;");
  await page.goBack();
  await page.locator("ol.commits > li").nth(1).getByRole("link", { name: `Files at ${first.slice(0, 7)}` }).click();
  await expect(command(page)).toHaveText(`npx shadcn@latest add @registry/brand-panel@sha-${first}`);

  await page.goto(`${registry.url}/components/brand-panel?tab=versions`);
  await page.getByRole("row", { name: /v1\.0\.0/ }).getByRole("link", { name: /^Files of/ }).click();
  await expect(page.getByText("This is v1.0.0.")).toBeVisible();
  await expect(command(page)).toHaveText("npx shadcn@latest add @registry/brand-panel@v1.0.0");
  await expect(page.locator("#source")).not.toContainText("export const more");
  await page.getByRole("navigation", { name: "Files" }).getByRole("link", { name: "title.tsx" }).click();
  await expect(page.getByText("This is v1.0.0.")).toBeVisible();
  await page.getByRole("link", { name: "See what is served now" }).click();
  await expect(page.locator("#source")).toContainText("export const more");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a package manager is chosen, files are opened and folders fold", async ({ maintainer: page, registry, repository }) => {
    await panels(registry, repository);
    await page.goto(`${registry.url}/components/brand-panel`);
    await page.getByRole("radio", { name: "yarn", exact: true }).check();
    await expect(command(page)).toHaveText(commands.yarn);
    await page.getByRole("link", { name: "panel-state.ts" }).click();
    await expect(page.getByRole("region", { name: "registry/lib/panel-state.ts" })).toBeVisible();
    await page.locator(".files summary", { hasText: /^ui$/ }).click();
    await expect(page.getByRole("link", { name: "title.tsx" })).toBeHidden();
    await openTab(page, "Dependencies");
    await page.getByRole("link", { name: "brand-page, component" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "brand-page" })).toBeVisible();
  });
});

for (const width of [320, 390]) {
  test(`no tab is wider than a screen of ${width} px`, async ({ maintainer: page, registry, repository }) => {
    await panels(registry, repository);
    await page.setViewportSize({ width, height: 800 });
    for (const tab of ["", "?tab=dependencies", "?tab=versions", "?tab=commits", "?at=v1.0.0"]) {
      await page.goto(`${registry.url}/components/brand-panel${tab}`);
      await fitsTheScreen(page);
    }
  });
}

test("on a wide screen the list stays beside the component", async ({ maintainer: page, registry, repository }) => {
  await panels(registry, repository);
  await page.setViewportSize({ width: 1920, height: 900 });
  await page.goto(`${registry.url}/components/brand-panel?file=registry%2Flib%2Fpanel-state.ts`);
  const beside = page.getByRole("navigation", { name: "Components" });
  await expect(beside.getByRole("link")).toHaveText(["brand-token", "brand-panel", "brand-page"]);
  await expect(beside.locator("[aria-current=page]")).toHaveText("brand-panel");
  const [list, title] = [await beside.boundingBox(), await page.getByRole("heading", { level: 1 }).boundingBox()];
  expect(list!.x).toBeGreaterThan(0);
  expect(list!.x + list!.width).toBeLessThan(title!.x);
  await beside.getByRole("link", { name: "brand-page" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "brand-page" })).toBeVisible();
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(beside).toBeHidden();
});
