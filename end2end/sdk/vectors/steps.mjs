// Transactions on an empty app: 8-16, 20-28.
import { assert, contains, id, lookup, pluck, refused, scratch, vector } from "../harness.mjs";

const missing = "Updates with lookups can only update the lookup attribute if an entity with the unique attribute value already exists.";

vector(8, "an entity is written, and the transaction has a number", async () => {
  const at = await scratch();
  const answer = await at.db.transact(at.db.tx.goals[id()].update({ title: "moop" }));
  assert.equal(typeof answer["tx-id"], "number");
  assert.ok((await at.transact([]))["tx-id"] > answer["tx-id"]);
  assert.deepEqual(pluck((await at.db.query({ goals: {} })).goals, "title"), ["moop"]);
});

vector(9, "an unknown action is refused", async () => {
  refused(await (await scratch()).transactError([["updatez", "goals", id(), { title: "moop" }]]), {});
});

vector(10, "attributes are added and deleted by steps", async () => {
  const at = await scratch();
  const attr = (uuid) => ["add-attr", {
    id: uuid, "forward-identity": [id(), "floopy", "flip"], "value-type": "blob", cardinality: "one", "unique?": false, "index?": false,
  }];
  const [kept, gone] = [id(), id()];
  await at.transact([attr(kept)]);
  assert.equal(await at.attr("floopy", "flip"), kept);
  const other = await scratch();
  await other.transact([attr(gone), ["delete-attr", gone]]);
  assert.ok(!pluck(await other.attrs(), "id").includes(gone));
});

/** goals.owner (one) and users.ownedGoals (many), with one of each. */
async function owned() {
  const at = await scratch();
  const [attr, goal, user] = [id(), id(), id()];
  await at.transact([["add-attr", {
    id: attr, "forward-identity": [id(), "goals", "owner"], "reverse-identity": [id(), "users", "ownedGoals"],
    "value-type": "ref", cardinality: "one", "unique?": false, "index?": false,
  }]]);
  await at.transact([
    ["update", "goals", goal, { title: "moop" }],
    ["update", "users", user, { name: "stopa" }],
    ["link", "goals", goal, { owner: user }],
  ]);
  return { at, user, goal };
}

vector(11, "without inference a linked entity comes in a list", async () => {
  const { at, user } = await owned();
  const { goals } = await at.query({ goals: { owner: {} } });
  assert.deepEqual(goals[0].owner, [{ id: user, name: "stopa" }]);
});

vector(12, "with inference a single linked entity comes as such", async () => {
  const { at, user, goal } = await owned();
  const { goals } = await at.query({ goals: { owner: {} } }, { "inference?": true });
  assert.deepEqual(goals[0].owner, { id: user, name: "stopa" });
  // Not asked for, it is its id.
  assert.equal((await at.query({ goals: {} })).goals[0].owner, user);
  const { users } = await at.query({ users: { ownedGoals: {} } }, { "inference?": true });
  assert.deepEqual(pluck(users[0].ownedGoals, "id"), [goal]);
});

vector(13, "unknown attributes are refused where the caller wants that", async () => {
  const at = await scratch();
  await at.transact([["update", "goals", id(), { title: "moop" }]]);
  const step = ["update", "goals", id(), { title: "moop", myFavoriteColor: "purple" }];
  const error = await at.transactError([step], { "throw-on-missing-attrs?": true });
  refused(error, { message: "Validation failed for steps: Attributes are missing in your schema" });
  assert.deepEqual(error.hint.errors[0].hint.attributes, ["goals.myFavoriteColor"]);
});

vector(14, "unknown namespaces and links come into being", async () => {
  const at = await scratch();
  const [made, changed, merged, linked, unlinked, target] = [id(), id(), id(), id(), id(), id()];
  await at.transact([
    ["create", "a", made, { x: 1 }],
    ["update", "b", changed, { x: 2 }],
    ["merge", "c", merged, { x: { y: 3 } }],
    ["update", "d", linked, {}],
    ["update", "d", unlinked, {}],
    ["update", "targets", target, {}],
    ["link", "d", linked, { targets: target }],
    ["unlink", "d", unlinked, { targets: target }],
  ]);
  const result = await at.query({ a: {}, b: {}, c: {}, d: { targets: {} } });
  contains(result, { a: [{ id: made, x: 1 }], b: [{ id: changed, x: 2 }], c: [{ id: merged, x: { y: 3 } }] });
  const targets = Object.fromEntries(result.d.map((row) => [row.id, pluck(row.targets, "id")]));
  assert.deepEqual(targets, { [linked]: [target], [unlinked]: [] });
});

vector(15, "an id among the values is not looked at", async () => {
  const at = await scratch();
  const [own, other] = [id(), id()];
  await at.transact([["update", "items", own, { id: other, name: "book" }]]);
  assert.deepEqual((await at.query({ items: {} })).items, [{ id: own, name: "book" }]);
});

vector(16, "links are made and unmade several at a time", async () => {
  const { db } = await scratch();
  const [user, one, two, three] = [id(), id(), id(), id()];
  const shelves = [one, two, three].map((shelf) => db.tx.bookshelves[shelf].update({}));
  await db.transact([db.tx.users[user].update({}), ...shelves, db.tx.users[user].link({ bookshelves: [one, two] })]);
  const linked = async () => pluck((await db.query({ users: { bookshelves: {} } })).users[0].bookshelves, "id").sort();
  assert.deepEqual(await linked(), [one, two].sort());
  await db.transact([db.tx.users[user].unlink({ bookshelves: [one, two] }), db.tx.users[user].link({ bookshelves: three })]);
  assert.deepEqual(await linked(), [three]);
});

vector(20, "a lookup that finds nothing cannot change its own attribute", async () => {
  const at = await scratch();
  const error = await at.transactError([["update", "users", ["handle", "stopa"], { handle: "stopa2" }]]);
  refused(error, { errors: [{ message: missing }] });
});

vector(21, "an unknown lookup makes attribute and entity", async () => {
  const { db } = await scratch();
  await db.transact(db.tx.users[lookup("handle", "stopa")].update({ name: "Stepan" }));
  const { users } = await db.query({ users: { $: { where: { handle: "stopa" } } } });
  assert.deepEqual(pluck(users, "name"), ["Stepan"]);
});

vector(22, "a lookup goes over a link", async () => {
  const at = await scratch();
  const user = id();
  await at.transact([["update", "users", user, {}]]);
  await at.transact([["update", "user_prefs", ["users.id", user], { pref_a: "a" }]]);
  await at.transact([["update", "user_prefs", ["users.id", user], { pref_b: "v" }]]);
  const { users } = await at.query({ users: { user_prefs: {} } });
  assert.equal(users[0].user_prefs.length, 1);
  contains(users[0].user_prefs[0], { pref_a: "a", pref_b: "v" });
});

vector(23, "a link's target may be looked up among what the transaction makes", async () => {
  const at = await scratch();
  await at.transact([
    ["update", "users", ["handle", "stopa"], { name: "Stepan" }],
    ["update", "tasks", ["slug", "task-a"], {}],
    ["link", "users", ["handle", "stopa"], { tasks: { slug: "task-a" } }],
  ]);
  const { users } = await at.query({ users: { tasks: {} } });
  assert.deepEqual(pluck(users[0].tasks, "slug"), ["task-a"]);
});

vector(24, "steps of the wrong shape are refused with their place", async () => {
  const at = await scratch();
  refused(await at.transactError([["update", 1, id(), {}]]), { errors: [{ expected: "string?", in: [0, 1] }] });
  refused(await at.transactError([["update", "goals", id(), 2]]), { errors: [{ expected: "map?", in: [0, 3] }] });
});

const notAnId = (text) => `Invalid entity ID '${text}'. Entity IDs must be UUIDs or lookup references.`;

vector(25, "an id that is none is refused with its place", async () => {
  const error = await (await scratch()).transactError([["delete", "goals", 12345]]);
  refused(error, { errors: [{ message: notAnId("12345"), in: [0, 2] }] });
});

vector(26, "the second step is told from the first", async () => {
  const at = await scratch();
  const error = await at.transactError([["update", "goals", id(), {}], ["update", "goals", "bad-id", {}]]);
  refused(error, { errors: [{ message: notAnId("bad-id"), in: [1, 2] }] });
});

vector(27, "a lookup needs a unique attribute", async () => {
  const at = await scratch();
  await at.transact([["update", "books", id(), { title: "Musashi" }]]);
  const error = await at.transactError([["update", "books", ["title", "Musashi"], { x: 1 }]]);
  refused(error, { errors: [{ message: "title is not a unique attribute on books" }] });
});

vector(28, "a lookup needs a value", async () => {
  const error = await (await scratch()).transactError([["update", "users", "lookup__linkOn__undefined", { x: 1 }]]);
  const hint = { attribute: "linkOn", value: "undefined" };
  refused(error, { errors: [{ message: "lookup value is invalid", hint }] });
});
