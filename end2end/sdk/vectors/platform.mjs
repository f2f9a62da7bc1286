// `instant-cli` and `@instantdb/platform`, which deploy schema and rules: sections 3.2 and 4.
import { PlatformApi } from "@instantdb/platform";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { assert, contains, id, scratch, vector } from "../harness.mjs";
import { registry, schema } from "./domain.mjs";

const modules = resolve(import.meta.dirname, "../../node_modules");

/** A project that belongs to an app, with a schema file of this text, and `cli(...)`. */
async function project(at, files, check) {
  const folder = await mkdtemp(join(tmpdir(), "instant-"));
  try {
    await writeFile(join(folder, "package.json"), JSON.stringify({
      name: "project", version: "0.0.0", private: true, type: "module", dependencies: { "@instantdb/admin": "1.0.67" },
    }));
    await symlink(modules, join(folder, "node_modules"));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const cli = (...args) => run(folder, at, args);
    await check({ cli, read: (name) => readFile(join(folder, name), "utf8"), write: (name, text) => writeFile(join(folder, name), text) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(folder, at, args) {
  const child = spawn(process.execPath, [join(modules, "instant-cli/bin/index.js"), ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH, HOME: folder, NO_COLOR: "1", CI: "1",
      INSTANT_CLI_API_URI: at.apiURI, INSTANT_APP_ID: at.appId, INSTANT_APP_ADMIN_TOKEN: at.adminToken,
    },
  });
  return new Promise((done) => {
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (out += text));
    child.on("close", (code) => done({ code, out }));
  });
}

/** The text of a schema file. */
const schemaFile = (todos) => `
import { i } from "@instantdb/admin";
export default i.schema({
  entities: {
    $files: i.entity({ path: i.string().unique().indexed(), url: i.string() }),
    $users: i.entity({ email: i.string().unique().indexed().optional() }),
    todos: i.entity({ ${todos} }),
    tags: i.entity({ name: i.string().unique().indexed() }),
  },
  links: {
    todoTags: { forward: { on: "todos", has: "many", label: "tags" }, reverse: { on: "tags", has: "many", label: "todos" } },
    todoFile: { forward: { on: "todos", has: "one", label: "file" }, reverse: { on: "$files", has: "one", label: "todo" } },
  },
});
`;
const permsFile = `export default { todos: { allow: { view: "true", $default: "false" } } };\n`;

vector("§3.2 push", "instant-cli pushes schema and rules, and finds nothing to do the second time", async () => {
  const at = await scratch();
  const first = schemaFile("title: i.string().indexed(), done: i.boolean().optional()");
  await project(at, { "instant.schema.ts": first, "instant.perms.ts": permsFile }, async ({ cli, write }) => {
    const pushed = await cli("push", "--yes");
    assert.equal(pushed.code, 0, pushed.out);
    const named = async () => (await at.attrs()).filter((attr) => attr.catalog === "user").map((attr) => attr["forward-identity"].slice(1).join("."));
    assert.deepEqual((await named()).sort(), ["tags.id", "tags.name", "todos.done", "todos.file", "todos.id", "todos.tags", "todos.title"]);
    const flags = (await at.attrs()).find((attr) => attr["forward-identity"][2] === "title");
    contains(flags, { "index?": true, "required?": true, "unique?": false, "checked-data-type": "string" });
    const perms = await at.ok("GET", `/dash/apps/${at.appId}/perms/pull`);
    assert.deepEqual(perms, { perms: { todos: { allow: { view: "true", $default: "false" } } } });
    const again = await cli("push", "--yes");
    assert.equal(again.code, 0, again.out);
    assert.match(again.out, /No schema changes|Schema is up to date|nothing to do/i);
    // Another type, another flag, and an attribute less.
    await at.db.transact(at.db.tx.todos[id()].update({ title: "x", done: true }));
    await write("instant.schema.ts", schemaFile("title: i.string(), rank: i.number().indexed().optional()"));
    const changed = await cli("push", "schema", "--yes");
    assert.equal(changed.code, 0, changed.out);
    const title = (await at.attrs()).find((attr) => attr["forward-identity"][2] === "title");
    assert.equal(title["index?"], false);
    assert.ok((await named()).includes("todos.rank"));
  });
});

vector("§3.2 pull", "instant-cli pulls what another project pushed", async () => {
  const at = await registry();
  await at.rules({ attrs: { allow: { $default: "false" } } });
  await project(at, {}, async ({ cli, read }) => {
    const pulled = await cli("pull", "--yes");
    assert.equal(pulled.code, 0, pulled.out);
    const text = await read("instant.schema.ts");
    for (const name of Object.keys(schema.entities)) assert.ok(text.includes(name), `${name} in\n${text}`);
    assert.match(text, /url: i\.string\(\)\.unique\(\)\.indexed\(\)/);
    assert.match(await read("instant.perms.ts"), /"?attrs"?:/);
  });
});

vector("§3.2 query", "instant-cli asks a question", async () => {
  const at = await scratch();
  await at.db.transact(at.db.tx.todos[id()].update({ title: "asked" }));
  await project(at, {}, async ({ cli }) => {
    const answer = await cli("query", '{"todos":{}}', "--admin");
    assert.equal(answer.code, 0, answer.out);
    assert.match(answer.out, /asked/);
  });
});

vector("§3.2 platform", "@instantdb/platform plans and pushes a schema", async () => {
  const at = await scratch();
  const api = new PlatformApi({ auth: { token: at.adminToken }, apiURI: at.apiURI });
  const planned = await api.planSchemaPush(at.appId, { schema });
  assert.ok(planned.steps.length >= 34, JSON.stringify(planned.steps.length));
  const pushed = await api.schemaPush(at.appId, { schema });
  assert.ok(pushed.steps.length >= 34);
  const again = await api.schemaPush(at.appId, { schema });
  assert.equal(again.steps.length, 0);
  const { schema: read } = await api.getSchema(at.appId);
  assert.ok("registry_components" in read.entities);
  await api.pushPerms(at.appId, { perms: { todos: { allow: { $default: "false" } } } });
  assert.deepEqual((await api.getPerms(at.appId)).perms, { todos: { allow: { $default: "false" } } });
});

vector("§4.3", "the schema is told in three shapes", async () => {
  const at = await registry();
  const link = "registry_commits-repository-registry_repositories-commits";
  const admin = (await at.ok("GET", "/admin/schema")).schema;
  contains(admin.refs[link], { cardinality: "one", "value-type": "ref" });
  const { schema: superadmin } = await at.ok("GET", `/superadmin/apps/${at.appId}/schema`);
  contains(superadmin.refs['["registry_commits" "repository" "registry_repositories" "commits"]'], { cardinality: "one" });
  contains(superadmin.blobs.registry_commits.hash, { "unique?": true, "index?": true, "required?": true, "checked-data-type": "string" });
  assert.deepEqual(Object.keys(superadmin.blobs.$files).sort(), ["id", "path", "url"]);
  assert.equal(superadmin.blobs.$files.url["required?"], true);
  const pulled = await at.ok("GET", `/dash/apps/${at.appId}/schema/pull`);
  assert.deepEqual(pulled.schema, superadmin);
  assert.equal(typeof pulled["app-title"], "string");
  const path = pulled.attrs.find((attr) => attr["forward-identity"].slice(1).join(".") === "$files.path");
  contains(path, { id: "96653230-13ff-ffff-2a34-f04cffffffff", catalog: "system", "unique?": true, "index?": true });
});

vector("§3.2 health", "the server says that it is well", async () => {
  const at = await scratch();
  const answer = await fetch(`${at.apiURI}/health/system`);
  assert.deepEqual([answer.status, await answer.json()], [200, { wal: "ok" }]);
});
