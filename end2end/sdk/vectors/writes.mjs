// What transactions do and refuse: 62-77 but for files.
import { assert, contains, id, lookup, pluck, refused, scratch, vector } from "../harness.mjs";

vector(62, "namespaces may share an entity's id", async () => {
  const at = await scratch();
  const both = id();
  await at.transact([["update", "books", both, { title: "Musashi" }], ["update", "authors", both, { name: "Yoshikawa" }]]);
  const { books, authors } = await at.query({ books: {}, authors: {} });
  assert.deepEqual([books, authors], [[{ id: both, title: "Musashi" }], [{ id: both, name: "Yoshikawa" }]]);
});

vector(63, "what is required must be there at the end of a transaction", async () => {
  const at = await scratch();
  const required = (on, label, has, more) => ({ on, label, has, ...more });
  await at.pushSchema({
    entities: {
      books: { attrs: { title: attr("string", { required: true }), pages: attr("number") } },
      authors: { attrs: { name: attr("string") } },
    },
    links: {
      author: { forward: required("books", "author", "one", { required: true }), reverse: required("authors", "books", "many") },
    },
  });
  const [book, author] = [id(), id()];
  const without = await at.transactError([["create", "books", book, { pages: 1 }], ["link", "books", book, { author }]]);
  refused(without, { message: `Missing required attribute \`books/title\`: ${book}` });
  contains(without.hint.records, [{ entity_id: book, etype: "books", label: "title", is_required: true }]);
  await at.transact([
    ["create", "authors", author, { name: "Yoshikawa" }],
    ["create", "books", book, { title: "Musashi" }],
    ["link", "books", book, { author }],
  ]);
  await at.transact([["update", "books", book, { pages: 970 }]]);
  refused(await at.transactError([["update", "books", book, { title: null }]]), { message: /^Missing required attribute `books\/title`/ });
  refused(await at.transactError([["unlink", "books", book, { author }]]), { message: /^Missing required attribute `books\/author`/ });
  await at.transact([["delete", "books", book]]);
});

function attr(valueType, { required = false, indexed = false, unique = false } = {}) {
  return { valueType, required, config: { indexed, unique } };
}

vector(64, "create makes, and update can be kept from making", async () => {
  const at = await scratch();
  const book = id();
  await at.transact([["create", "books", book, { title: "Musashi" }]]);
  refused(await at.transactError([["create", "books", book, { title: "again" }]]), {
    message: `Validation failed for tx-step: Creating entities that exist: ${book}, ${book}`,
  });
  const gone = id();
  refused(await at.transactError([["update", "books", gone, { title: "x" }, { upsert: false }]]), {
    message: `Validation failed for tx-step: Updating entities that don't exist: ${gone}, ${gone}`,
  });
  await at.push({ books: { isbn: "string unique indexed" } });
  refused(await at.transactError([["update", "books", ["isbn", "none"], { title: "x" }, { upsert: false }]]), {
    message: /^Validation failed for tx-step: Updating entities that don't exist: /,
  });
  await at.transact([["create", "authors", book, { name: "the same id" }]]);
  await at.transact([["update", "books", book, { title: "Musashi!" }, { upsert: false }]]);
});

vector(65, "a unique value belongs to one entity", async () => {
  const at = await scratch();
  await at.push({ users: { handle: "string unique indexed" } });
  const [daniel] = await at.fill("users", [{ handle: "daniel" }]);
  const error = await at.transactError([["update", "users", id(), { handle: "daniel" }]]);
  refused(error, {
    type: "record-not-unique",
    message: '`handle` is a unique attribute on `users` and an entity already exists with `users.handle` = "daniel"',
    hint: { "record-type": "triple", "attr-id": await at.attr("users", "handle"), etype: "users", label: "handle", value: '"daniel"' },
  });
  await at.transact([["update", "users", daniel, { handle: "daniel" }]]);
  await at.transact([["update", "users", id(), { handle: null }], ["update", "users", id(), { handle: null }]]);
});

vector(66, "links keep to their cardinality", async () => {
  const at = await scratch();
  const side = (on, label, has) => ({ on, label, has });
  const link = (name, forward, reverse) => ({ forward: side("a", name, forward), reverse: side("b", `${name}Of`, reverse) });
  await at.pushSchema({
    entities: { a: { attrs: { x: attr("number") } }, b: { attrs: { x: attr("number") } } },
    links: { toOne: link("toOne", "one", "many"), many: link("many", "many", "many"), pair: link("pair", "one", "one") },
  });
  const [a, other, b, c] = [id(), id(), id(), id()];
  await at.transact([["update", "a", a, {}], ["update", "a", other, {}], ["update", "b", b, {}], ["update", "b", c, {}]]);
  await at.transact([["link", "a", a, { toOne: b, many: [b, c], pair: b }]]);
  await at.transact([["link", "a", a, { toOne: c, many: b }]]);
  const { a: rows } = await at.query({ a: { $: { where: { id: a } }, toOne: {}, many: {}, pair: {} } });
  assert.deepEqual(pluck(rows[0].toOne, "id"), [c]);
  assert.deepEqual(pluck(rows[0].many, "id").sort(), [b, c].sort());
  refused(await at.transactError([["link", "a", other, { pair: b }]]), {
    type: "record-not-unique",
    message: `\`pair\` is a unique attribute on \`a\` and an entity already exists with \`a.pair\` = "${b}"`,
  });
  await at.transact([["link", "a", a, { pair: c }]]);
  await at.transact([["link", "a", other, { pair: b }]]);
});

vector(67, "the kinds of steps run in the order of their first", async () => {
  const at = await scratch();
  const there = async (steps) => {
    const one = id();
    const names = { upd: ["update", "goals", one, { x: 1 }], del: ["delete", "goals", one] };
    await at.transact(steps.map((step) => names[step]));
    return (await at.query({ goals: { $: { where: { id: one } } } })).goals.length === 1;
  };
  assert.deepEqual(await there(["upd", "upd", "del"]), false);
  assert.deepEqual(await there(["del", "upd"]), true);
  assert.deepEqual(await there(["del", "upd", "del"]), true);
});

vector(68, "with an entity go the links to it", async () => {
  const at = await scratch();
  const [board, node] = [id(), id()];
  await at.transact([["update", "boards", board, {}], ["update", "nodes", node, {}], ["link", "boards", board, { nodes: node }]]);
  assert.equal((await at.query({ boards: { nodes: {} } })).boards[0].nodes.length, 1);
  await at.transact([["delete", "nodes", node]]);
  assert.deepEqual((await at.query({ boards: { nodes: {} } })).boards[0].nodes, []);
});

/** An app of namespaces a, b, c …; each link is [forward, reverse, side that cascades]. */
async function chain(links) {
  const at = await scratch();
  const names = [...new Set(links.flatMap(([from, to]) => [from, to]))];
  const cascade = (on) => (on ? { onDelete: "cascade" } : {});
  await at.pushSchema({
    entities: Object.fromEntries(names.map((name) => [name, { attrs: { x: attr("number") } }])),
    links: Object.fromEntries(links.map(([from, to, side]) => [from + to, {
      forward: { on: from, label: `to_${to}`, has: side === "reverse" ? "many" : "one", ...cascade(side === "forward") },
      reverse: { on: to, label: `of_${from}`, has: side === "reverse" ? "one" : "many", ...cascade(side === "reverse") },
    }])),
  });
  const ids = Object.fromEntries(names.map((name) => [name, id()]));
  await at.transact(names.map((name) => ["update", name, ids[name], { x: 1 }]));
  await at.transact(links.map(([from, to]) => ["link", from, ids[from], { [`to_${to}`]: ids[to] }]));
  const left = async () => {
    const result = await at.query(Object.fromEntries(names.map((name) => [name, {}])));
    return names.filter((name) => result[name].length === 1).join("");
  };
  return { at, left, remove: (name) => at.transact([["delete", name, ids[name]]]) };
}

vector(69, "deletions follow links that cascade, and no others", async () => {
  const owner = await chain([["b", "u", "forward"]]);
  await owner.remove("u");
  assert.equal(await owner.left(), "");
  const book = await chain([["b", "u", "forward"]]);
  await book.remove("b");
  assert.equal(await book.left(), "u");
  const reverse = await chain([["u", "b", "reverse"]]);
  await reverse.remove("u");
  assert.equal(await reverse.left(), "");
  const mixed = [["a", "b", "reverse"], ["c", "b", "forward"], ["c", "d", "reverse"], ["e", "d", "forward"], ["e", "f", "none"]];
  const long = await chain(mixed);
  await long.remove("a");
  assert.equal(await long.left(), "f");
  const middle = await chain(mixed);
  await middle.remove("c");
  assert.equal(await middle.left(), "abf");
  const round = await chain([["a", "b", "forward"], ["b", "c", "forward"], ["c", "a", "forward"]]);
  await round.remove("a");
  assert.equal(await round.left(), "");
});

vector(70, "an indexed attribute that was not given is null, another is absent", async () => {
  const at = await scratch();
  await at.push({ users: { handle: "string unique indexed", fullName: "string" } });
  const [user] = await at.fill("users", [{}]);
  assert.deepEqual((await at.query({ users: {} })).users, [{ id: user, handle: null }]);
  await at.push({ users: { handle: "string unique indexed", fullName: "string", age: "number indexed" } });
  assert.deepEqual((await at.query({ users: {} })).users, [{ id: user, handle: null, age: null }]);
});

vector(71, "a value of another type is refused", async () => {
  const at = await scratch();
  await at.push({ users: { email: "string" } });
  const user = id();
  refused(await at.transactError([["update", "users", user, { email: 10 }]]), {
    message: "Invalid value type for users.email. Value must be a string but the provided value type is number.",
    hint: {
      namespace: "users", attribute: "email", value: 10, "checked-data-type": "string",
      "attr-id": await at.attr("users", "email"), "entity-id": user,
    },
  });
  await at.transact([["update", "users", user, { email: null }]]);
});

vector(72, "an indexed value must not be large", async () => {
  const at = await scratch();
  await at.push({ a: { indexed: "string indexed", unique: "string unique", plain: "string" } });
  const large = "a".repeat(1_000_000);
  const hint = { "value-too-large?": true };
  refused(await at.transactError([["update", "a", id(), { indexed: large }]]), { message: "Value is too large for an indexed attribute.", hint });
  refused(await at.transactError([["update", "a", id(), { unique: large }]]), { message: "Value is too large for a unique attribute.", hint });
  await at.transact([["update", "a", id(), { plain: large }]]);
  await at.transact([["update", "a", id(), { indexed: "a".repeat(1012) }]]);
  refused(await at.transactError([["update", "a", id(), { indexed: "a".repeat(1013) }]]), { hint });
});

vector(73, "objects are merged into objects", async () => {
  const at = await scratch();
  const one = id();
  const value = async () => (await at.query({ games: { $: { where: { id: one } } } })).games[0].state;
  const merge = (state) => ["merge", "games", one, { state }];
  await at.transact([["update", "games", one, { state: { a: { b1: { c1: 0 }, b2: 2 } } }]]);
  await at.transact([merge({ a: { b1: { c2: 1 }, b3: 3 } })]);
  assert.deepEqual(await value(), { a: { b1: { c1: 0, c2: 1 }, b2: 2, b3: 3 } });
  await at.transact([merge({ a: { b1: null } })]);
  assert.deepEqual(await value(), { a: { b2: 2, b3: 3 } });
  await at.transact([merge({ a: "scalar" })]);
  assert.deepEqual(await value(), { a: "scalar" });
  await at.transact([merge({ a: { back: true } })]);
  assert.deepEqual(await value(), { a: { back: true } });
  await at.transact([merge("x"), merge(null), merge("y")]);
  assert.equal(await value(), "y");
  await at.transact([merge({ object: 1 }), merge("scalar")]);
  assert.equal(await value(), "scalar");
  await at.transact([merge(null)]);
  assert.equal(await value(), null);
  refused(await at.transactError([["link", "games", one, { players: id() }], ["merge", "games", one, { players: {} }]]), {
    type: "sql-raise", message: /merge operation is not supported for links$/,
  });
});

vector(74, "a transaction has at most as much as Postgres would take", async () => {
  const at = await scratch();
  const steps = Array.from({ length: 100_000 }, () => ["update", "goals", id(), { title: "moop" }]);
  refused(await at.transactError(steps), {
    type: "parameter-limit-exceeded", message: "There are too many parameters in the transaction or query.",
  });
});

vector(75, "U+0000 is refused", async () => {
  const error = await (await scratch()).transactError([["update", "goals", id(), { title: "Hello\u0000World" }]]);
  refused(error, { message: /null bytes/ });
});

vector(77, "a list of two ids as a value is a list", async () => {
  const { db } = await scratch();
  const pair = [id(), id()];
  await db.transact(db.tx.goals[id()].update({ pair }));
  assert.deepEqual((await db.query({ goals: {} })).goals[0].pair, pair);
});

// What section 6 says beyond the vectors.
vector("§6.2", "lookups in transactions keep to InstantDB's rules", async () => {
  const at = await scratch();
  await at.push({ users: { handle: "string unique indexed", name: "string" }, tags: { name: "string unique indexed" } });
  await at.transact([["delete", "users", ["handle", "nobody"]]]);
  const { db } = at;
  await db.transact(db.tx.users[lookup("handle", "stopa")].update({ name: "Stepan" }));
  await db.transact(db.tx.users[lookup("handle", "stopa")].update({ handle: "stopa2" }));
  assert.deepEqual(pluck((await db.query({ users: {} })).users, "handle"), ["stopa2"]);
  const error = await at.transactError([["link", "users", ["handle", "stopa2"], { tags: 'lookup__name__"none"' }]]);
  refused(error, { message: "Validation failed for lookup: The entity for the lookup does not exist." });
  const upper = id().toUpperCase();
  await at.transact([["update", "users", upper, { name: "upper", handle: "u" }]]);
  const { users } = await at.query({ users: { $: { where: { handle: "u" } } } });
  assert.equal(users[0].id, upper.toLowerCase());
});
