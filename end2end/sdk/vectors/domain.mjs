// The registry's domain on an app of its own, with the schema of section 4.4: R1-R12.
import { i } from "@instantdb/admin";
import { assert, id, lookup, once, pluck, refused, scratch, vector } from "../harness.mjs";

export const schema = i.schema({
  entities: {
    registry_repositories: i.entity({
      url: i.string().unique().indexed(), name: i.string(), lastSyncedAt: i.date().optional(), defaultBranch: i.string().optional(),
    }),
    registry_commits: i.entity({ hash: i.string().unique().indexed(), message: i.string(), date: i.date(), author: i.string() }),
    registry_packages: i.entity({
      name: i.string().indexed(), version: i.string(), type: i.string().optional(), key: i.string().unique().indexed(),
    }),
    registry_components: i.entity({
      name: i.string().unique().indexed(), type: i.string(), title: i.string(), description: i.string().optional(),
      cssVars: i.json().optional(), meta: i.json().optional(), version: i.string().optional(),
    }),
    registry_files: i.entity({ path: i.string(), type: i.string(), target: i.string().optional() }),
    $files: i.entity({ path: i.string().unique().indexed(), url: i.string() }),
  },
  links: {
    repoCommits: link("registry_commits", "one", "repository", "registry_repositories", "many", "commits"),
    componentRepo: link("registry_components", "one", "repository", "registry_repositories", "many", "components"),
    componentFiles: link("registry_files", "one", "component", "registry_components", "many", "files"),
    commitComponents: link("registry_commits", "many", "components", "registry_components", "many", "commits"),
    componentPackages: link("registry_components", "many", "dependencies", "registry_packages", "many", "usedByComponents"),
    componentRegistryDeps: link("registry_components", "many", "registryDependencies", "registry_components", "many", "usedBy"),
    fileStorage: link("registry_files", "one", "storage", "$files", "one", "registryFile"),
  },
});

function link(on, has, label, reverseOn, reverseHas, reverseLabel) {
  return { forward: { on, has, label }, reverse: { on: reverseOn, has: reverseHas, label: reverseLabel } };
}

/** An app with this schema, which must be pushed as 34 attributes and once only. */
export async function registry() {
  const at = await scratch();
  const pushed = await at.pushSchema(JSON.parse(JSON.stringify(schema)));
  assert.equal(pushed.steps.filter(([action]) => action === "add-attr").length, 34);
  const again = await at.pushSchema(JSON.parse(JSON.stringify(schema)));
  assert.deepEqual([again.steps, again.transaction, again["indexing-jobs"]], [[], {}, null]);
  at.db = at.sdk({ schema });
  return at;
}

/** The same with two components, a commit, a package and a file. */
const filled = once(async () => {
  const at = await registry();
  const { tx } = at.db;
  const ids = Object.fromEntries(["repository", "commit", "button", "card", "react", "file"].map((name) => [name, id()]));
  await at.db.transact([
    tx.registry_repositories[ids.repository].create({ url: "https://example.com/ui", name: "ui" }),
    tx.registry_packages[ids.react].create({ name: "react", version: "*", key: "react@*" }),
    tx.registry_components[ids.button].create({ name: "button", type: "registry:ui", title: "Button", cssVars: { light: { a: "1" }, dark: { b: "2" } } })
      .link({ repository: ids.repository, dependencies: ids.react }),
    tx.registry_components[ids.card].create({ name: "card", type: "registry:ui", title: "Card" })
      .link({ repository: ids.repository, registryDependencies: ids.button }),
    tx.registry_commits[ids.commit].create({ hash: "abc", message: "Begin", date: new Date(1000), author: "Ada" })
      .link({ repository: ids.repository, components: [ids.button, ids.card] }),
    tx.registry_files[ids.file].create({ path: "ui/button.tsx", type: "registry:ui" }).link({ component: ids.button }),
  ]);
  at.ids = ids;
  return at;
});

vector("R1", "a component needs a title", async () => {
  const at = await registry();
  const one = id();
  const error = await at.transactError([["create", "registry_components", one, { name: "button", type: "registry:ui" }]]);
  refused(error, {
    message: `Missing required attribute \`registry_components/title\`: ${one}`,
    hint: { records: [{ entity_id: one, etype: "registry_components", label: "title", is_required: true }] },
  });
});

vector("R2", "a commit's repository: a list, an object, or its id", async () => {
  const at = await filled();
  const commit = async (form, options) => (await at.query({ registry_commits: form }, options)).registry_commits[0];
  assert.deepEqual(pluck((await commit({ repository: {} })).repository, "id"), [at.ids.repository]);
  assert.equal((await commit({ repository: {} }, { "inference?": true })).repository.name, "ui");
  assert.equal((await commit({})).repository, at.ids.repository);
  assert.equal((await at.db.query({ registry_commits: { repository: {} } })).registry_commits[0].repository.name, "ui");
});

vector("R3", "a stored file belongs to one file of a component", async () => {
  const at = await registry();
  const { db } = at;
  const [one, two] = [id(), id()];
  const stored = (await db.storage.uploadFile("registry/one", Buffer.from("1"))).data.id;
  const other = (await db.storage.uploadFile("registry/two", Buffer.from("2"))).data.id;
  const file = (uuid) => db.tx.registry_files[uuid].create({ path: "a", type: "registry:ui" });
  await db.transact([file(one).link({ storage: stored }), file(two)]);
  refused(await at.transactError([["link", "registry_files", two, { storage: stored }]]), {
    type: "record-not-unique",
    message: `\`storage\` is a unique attribute on \`registry_files\` and an entity already exists with \`registry_files.storage\` = "${stored}"`,
  });
  await db.transact(db.tx.registry_files[one].link({ storage: other }));
  const { registry_files } = await db.query({ registry_files: { $: { where: { id: one } }, storage: {} } });
  assert.equal(registry_files[0].storage.id, other);
});

vector("R4", "commits cannot be ordered by their date, which is not indexed", async () => {
  const error = await (await filled()).queryError({ registry_commits: { $: { order: { date: "asc" } } } });
  refused(error, { message: /The `registry_commits\.date` attribute is not indexed\. Only indexed and typed attributes can be used to order by\.$/ });
  assert.ok(!error.message.includes("not typed"));
});

vector("R5", "commits are ordered by their hash", async () => {
  const { registry_commits } = await (await filled()).db.query({ registry_commits: { $: { order: { hash: "asc" } } } });
  assert.deepEqual(pluck(registry_commits, "hash"), ["abc"]);
});

const components = async (at, where) =>
  pluck((await at.db.query({ registry_components: { $: { where } } })).registry_components, "name").sort();

vector("R6", "components are found by a package that they depend on", async () => {
  assert.deepEqual(await components(await filled(), { "dependencies.name": "react" }), ["button"]);
});

vector("R7", "two links of one condition lead to the same component, unless they stand in `and`", async () => {
  const at = await registry();
  const { tx } = at.db;
  const [x, middle, button] = [id(), id(), id()];
  const component = (uuid, name) => tx.registry_components[uuid].create({ name, type: "registry:ui", title: name });
  await at.db.transact([
    component(x, "x").link({ registryDependencies: middle }),
    component(middle, "middle").link({ registryDependencies: button }),
    component(button, "button"),
  ]);
  const [down, up] = [{ "registryDependencies.name": "button" }, { "usedBy.name": "x" }];
  assert.deepEqual(await components(at, { and: [down, up] }), ["middle"]);
  assert.deepEqual(await components(at, { ...down, ...up }), []);
});

vector("R8", "with a component go its links, and nothing else", async () => {
  const at = await registry();
  const { db } = at;
  const [component, file] = [id(), id()];
  const stored = (await db.storage.uploadFile("registry/one", Buffer.from("1"))).data.id;
  await db.transact([
    db.tx.registry_components[component].create({ name: "button", type: "registry:ui", title: "Button" }),
    db.tx.registry_files[file].create({ path: "a", type: "registry:ui" }).link({ component, storage: stored }),
  ]);
  await db.transact(db.tx.registry_components[component].delete());
  const result = await db.query({ registry_components: {}, registry_files: { component: {}, storage: {} }, $files: {} });
  assert.deepEqual(result.registry_components, []);
  assert.equal(result.registry_files[0].component, null);
  assert.equal(result.registry_files[0].storage.id, stored);
  assert.equal(result.$files.length, 1);
});

vector("R9", "a component is made by its name, with what is required", async () => {
  const at = await registry();
  const by = ["name", "button"];
  refused(await at.transactError([["update", "registry_components", by, { description: "x" }]]), {
    message: /^Missing required attribute `registry_components\/(title|type)`/,
  });
  await at.db.transact(at.db.tx.registry_components[lookup("name", "button")].update({ type: "registry:ui", title: "Button" }));
  await at.db.transact(at.db.tx.registry_components[lookup("name", "button")].update({ title: "Button!" }));
  const { registry_components } = await at.db.query({ registry_components: {} });
  assert.deepEqual(pluck(registry_components, "title"), ["Button!"]);
});

vector("R10", "merging variables keeps the others", async () => {
  const at = await filled();
  await at.db.transact(at.db.tx.registry_components[at.ids.button].merge({ cssVars: { light: { c: "3" } } }));
  const { registry_components } = await at.db.query({ registry_components: { $: { where: { name: "button" } } } });
  assert.deepEqual(registry_components[0].cssVars, { light: { a: "1", c: "3" }, dark: { b: "2" } });
});

vector("R11", "from a stored file to its component", async () => {
  const at = await filled();
  const stored = (await at.db.storage.uploadFile("registry/button", Buffer.from("button"))).data.id;
  await at.db.transact(at.db.tx.registry_files[at.ids.file].link({ storage: stored }));
  const { $files } = await at.db.query({ $files: { registryFile: { component: {} } } });
  assert.equal($files[0].registryFile.component.name, "button");
});

vector("R12", "a pattern needs an index", async () => {
  const error = await (await filled()).queryError({ registry_components: { $: { where: { title: { $like: "B%" } } } } });
  refused(error, { message: /The `registry_components\.title` attribute must be indexed to use comparison operators\.$/ });
});
