// The SDK's own calls, as section 10 captured them, and what it refuses by itself.
import { i } from "@instantdb/admin";
import { assert, contains, id, lookup, once, pluck, rejection, scratch, vector } from "../harness.mjs";

const schema = i.schema({
  entities: {
    todos: i.entity({
      title: i.string().indexed(), n: i.number().optional(), key: i.string().unique().indexed().optional(),
      due: i.date().indexed().optional(), meta: i.json().optional(),
    }),
    tags: i.entity({ name: i.string().unique().indexed().optional() }),
  },
  links: { todoTags: { forward: { on: "todos", has: "many", label: "tags" }, reverse: { on: "tags", has: "many", label: "todos" } } },
});

const app = once(async () => {
  const at = await scratch();
  await at.pushSchema(JSON.parse(JSON.stringify(schema)));
  at.typed = at.sdk({ schema });
  return at;
});

vector("§10.1", "a query with everything in it", async () => {
  const { db, typed } = await app();
  const one = id();
  await typed.transact(typed.tx.todos[one].update({ title: "x", n: 1, due: new Date(5) }));
  const where = { title: "x", or: [{ n: 1 }, { n: { $in: [1, 2] } }] };
  const $ = { where, order: { serverCreatedAt: "desc" }, limit: 2, fields: ["title"] };
  assert.deepEqual(await db.query({ todos: { $, tags: {} } }), { todos: [{ id: one, title: "x", tags: [] }] });
  const due = { $: { where: { due: { $gt: new Date(0) }, title: "x" } } };
  assert.equal((await typed.query({ todos: due })).todos.length, 1);
  await typed.transact(typed.tx.todos[one].delete());
});

vector("§10.2", "every kind of step", async () => {
  const { db, typed } = await app();
  const [a, b, c] = [id(), id(), id()];
  const values = { title: "t", n: 1, meta: { a: [1], f: 1.5, b: true, nul: null }, due: new Date(0) };
  await db.transact([
    db.tx.todos[a].update(values),
    db.tx.tags[b].update({}),
    db.tx.tags[c].update({}),
    db.tx.todos[a].link({ tags: b }),
    db.tx.todos[a].link({ tags: [b, c] }),
  ]);
  await db.transact(db.tx.todos[a].unlink({ tags: b }));
  const read = async () => (await db.query({ todos: { $: { where: { id: a } }, tags: {} } })).todos[0];
  contains(await read(), { ...values, due: "1970-01-01T00:00:00.000Z", tags: [{ id: c }] });
  await db.transact(db.tx.todos[a].update({ title: "s" }, { upsert: false }));
  await db.transact(db.tx.todos[a].merge({ meta: { a: 2 } }));
  assert.deepEqual((await read()).meta, { a: 2, f: 1.5, b: true, nul: null });
  await db.transact([
    db.tx.tags[lookup("name", "n1")].update({}),
    db.tx.todos[lookup("key", "k1")].update({ title: "z" }),
    db.tx.todos[lookup("key", "k1")].link({ tags: [lookup("name", "n1"), b] }),
    db.tx.todos[lookup("key", 'k 2__"q"')].delete(),
  ]);
  const { todos } = await db.query({ todos: { $: { where: { key: "k1" } }, tags: {} } });
  assert.equal(todos[0].tags.length, 2);
  await db.transact(db.tx.todos[a].ruleParams({ p: 1 }).update({ title: "q" }));
  assert.equal((await read()).title, "q");
  await db.transact([]);
  await typed.transact(typed.tx.todos[a].delete());
  assert.equal(await read(), undefined);
});

vector("§10.3", "what the schema forbids is refused before it is sent", async () => {
  const { typed, db } = await app();
  const query = async (query, message) => assert.match((await rejection((async () => typed.query(query))())).message, message);
  await query({ todos: { $: { wat: 1 } } }, /Invalid query parameter 'wat' in \$ object/);
  await query({ nope: {} }, /Entity 'nope' does not exist in schema/);
  await query({ todos: { nope: {} } }, /nope/);
  const step = async (make, message) => assert.match((await rejection((async () => typed.transact(make()))())).message, message);
  await step(() => typed.tx.todos[id()].update({ title: 1 }), /Expected string, but received: number/);
  await step(() => typed.tx.todos.nope.update({ title: "x" }), /Expected a UUID/);
  // An unknown attribute does reach the server.
  const error = await rejection(typed.transact(typed.tx.todos[id()].update({ title: "x", unheard: 1 })));
  assert.equal(error.status, 400);
  assert.deepEqual(error.hint.errors[0].hint.attributes, ["todos.unheard"]);
  assert.match(error.traceId ?? error.body["trace-id"], /^[0-9a-f]{32}$/);
  assert.ok(db);
});

vector("§10.4", "users have tokens until they sign out", async () => {
  const at = await scratch();
  const { db } = at;
  const token = await db.auth.createToken({ email: "A@B.co" });
  const user = await db.auth.verifyToken(token);
  assert.match(user.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  contains(user, { email: "a@b.co", refresh_token: token, isGuest: false, app_id: at.appId });
  contains(await db.auth.getUser({ email: "a@b.co" }), { id: user.id });
  contains(await db.auth.getUser({ refresh_token: token }), { id: user.id });
  assert.equal((await db.query({ $users: {} })).$users[0].email, "a@b.co");
  await db.auth.signOut({ email: "a@b.co" });
  assert.equal((await rejection(db.auth.verifyToken(token))).body.type, "record-not-found");
  const another = await db.auth.createToken({ id: user.id });
  assert.equal((await db.auth.verifyToken(another)).id, user.id);
  contains(await db.auth.deleteUser({ id: user.id }), { id: user.id });
  assert.equal(await db.auth.getUser({ id: user.id }), null);
});

vector("§10.5", "rooms are empty, and what there is not is not found", async () => {
  const { db } = await app();
  assert.deepEqual(await db.rooms.getPresence("chat", "room 1"), {});
  const error = await rejection(db.auth.generateMagicCode("a@b.co"));
  assert.deepEqual([error.status, error.body], [404, { message: "Oops! We couldn't match this route." }]);
});

vector("§10.6", "debugQuery tells the rule for each entity", async () => {
  const { db } = await scratch();
  await db.transact(db.tx.todos[id()].update({ title: "x" }));
  const guest = db.asUser({ guest: true });
  const open = await guest.debugQuery({ todos: {} }, { rules: { todos: { allow: { view: "true" } } } });
  assert.equal(open.result.todos.length, 1);
  contains(open.checkResults, [{ entity: "todos", check: true, program: { etype: "todos", action: "view", code: "true" } }]);
  const closed = await guest.debugQuery({ todos: {} }, { rules: { todos: { allow: { view: "auth.id != null" } } } });
  assert.deepEqual(closed.result, { todos: [] });
  contains(closed.checkResults, [{ entity: "todos", check: false, program: { "display-code": "auth.id != null" } }]);
  const admin = await rejection(db.debugQuery({ todos: {} }));
  assert.equal(admin.body.message, "Validation failed for non-admin: Cannot test perms as admin");
});

vector("§10.7", "debugTransact changes nothing unless that is asked for and allowed", async () => {
  const { db } = await scratch();
  await db.transact(db.tx.todos[id()].update({ title: "there" }));
  const guest = db.asUser({ guest: true });
  const step = db.tx.todos[id()].update({ title: "x" });
  const titles = async () => pluck((await db.query({ todos: {} })).todos, "title");
  const open = { todos: { allow: { $default: "true" } } };
  const tried = await guest.debugTransact(step, { rules: open });
  contains(tried, { "all-checks-ok?": true, "committed?": false });
  assert.ok(tried["check-results"].length > 0);
  assert.deepEqual(await titles(), ["there"]);
  const refused = await guest.debugTransact(step, { rules: {}, __dangerouslyCommit: true });
  contains(refused, { "all-checks-ok?": false, "committed?": false });
  const error = await rejection(guest.debugTransact(db.tx.todos[id()].update({ title: "x" }, { upsert: false }), { rules: open }));
  assert.match(error.message, /Updating entities that don't exist/);
  assert.deepEqual(await titles(), ["there"]);
});
