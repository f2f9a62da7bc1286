// Queries over the imported backup: 4-7, 17-19, 41-53, 55, 58, 59.
import { assert, contains, id, lookup, once, pluck, refused, restored, vector, zeneca } from "../harness.mjs";

const app = once(zeneca);

const handles = async (where, options = {}) => {
  const { users } = await (await app()).query({ users: { $: { where, ...options } } });
  return pluck(users, "handle").sort();
};

/** The users of an ordered page, as they come. */
const page = async ($) => pluck((await (await app()).query({ users: { $ } })).users, "handle");

vector("§1.3", "a restored backup has its entities, ages, links and schema", async () => {
  const at = await restored();
  const { users } = await at.query({ users: { bookshelves: { books: {} } } });
  // All of one age: their ids decide.
  assert.deepEqual(pluck(users, "handle"), ["stopa", "alex", "nicolegf", "joe"]);
  const { bookshelves, books } = await at.query({ bookshelves: {}, books: {} });
  assert.deepEqual([bookshelves.length, books.length], [45, 392]);
  assert.ok(users[0].bookshelves.some((shelf) => shelf.books.some((book) => book.title === "Musashi")));
  const handle = (await at.attrs()).find((attr) => attr["forward-identity"].slice(1).join() === "users,handle");
  contains(handle, { "unique?": true, "index?": true, "checked-data-type": "string" });
});

vector(4, "users come in the order of their creation", async () => {
  const { users } = await (await app()).db.query({ users: {} });
  assert.deepEqual(pluck(users, "handle"), ["stopa", "joe", "alex", "nicolegf"]);
});

vector(5, "every user has bookshelves", async () => {
  const { users } = await (await app()).db.query({ users: { bookshelves: {} } });
  assert.equal(users.length, 4);
  for (const user of users) assert.ok(Array.isArray(user.bookshelves) && user.bookshelves.length > 0);
});

vector(6, "a form that is no object is refused", async () => {
  const error = await (await app()).queryError({ users: { bookshelves: [] } });
  refused(error, { hint: { errors: [{ expected: "map?", in: ["users", "bookshelves"] }] } });
});

vector(7, "`fields` leaves out everything else", async () => {
  const { users } = await (await app()).db.query({ users: { $: { fields: ["handle"] } } });
  for (const user of users) assert.deepEqual(Object.keys(user).sort(), ["handle", "id"]);
  assert.deepEqual(pluck(users, "handle"), ["stopa", "joe", "alex", "nicolegf"]);
});

vector(17, "an entity is found by a unique value and changed", async () => {
  const { db } = await zeneca();
  await db.transact(db.tx.users[lookup("handle", "stopa")].update({ handle: "stopa2" }));
  const { users } = await db.query({ users: { $: { where: { handle: "stopa2" } } } });
  assert.equal(users[0].email, "stopa@instantdb.com");
});

vector(18, "an entity is found by a unique value and deleted", async () => {
  const { db } = await zeneca();
  await db.transact(db.tx.users[lookup("handle", "joe")].delete());
  assert.deepEqual((await db.query({ users: { $: { where: { handle: "joe" } } } })).users, []);
});

vector(19, "linking and unlinking an unknown lookup makes the entity", async () => {
  const { db } = await zeneca();
  const { bookshelves } = await db.query({ bookshelves: { $: { limit: 1 } } });
  const shelf = bookshelves[0].id;
  await db.transact(db.tx.users[lookup("handle", "linker")].link({ bookshelves: shelf }));
  await db.transact(db.tx.users[lookup("handle", "unlinker")].unlink({ bookshelves: shelf }));
  const { users } = await db.query({ users: { $: { where: { handle: { $in: ["linker", "unlinker"] } } }, bookshelves: {} } });
  const found = Object.fromEntries(users.map((user) => [user.handle, pluck(user.bookshelves, "id")]));
  assert.deepEqual(found, { linker: [shelf], unlinker: [] });
});

vector(41, "$like is a case-sensitive pattern, also over links", async () => {
  assert.deepEqual(await handles({ handle: { $like: "%moop%" } }), []);
  assert.deepEqual(await handles({ handle: { $like: "joe" } }), ["joe"]);
  assert.deepEqual(await handles({ handle: { $like: "al%" } }), ["alex"]);
  assert.deepEqual(await handles({ handle: { $like: "AL%" } }), []);
  assert.deepEqual(await handles({ handle: { $ilike: "AL%" } }), ["alex"]);
  assert.deepEqual(await handles({ "bookshelves.books.title": { $like: "%Monte Cristo" } }), ["nicolegf", "stopa"]);
});

vector(42, "several $not hold together", async () => {
  for (const not of ["$not", "$ne"]) {
    const filter = { and: [{ handle: { [not]: "alex" } }, { handle: { [not]: "nicolegf" } }] };
    assert.deepEqual(await handles(filter), ["joe", "stopa"]);
  }
});

vector(43, "$in finds each of a list", async () => {
  for (const within of ["in", "$in"]) {
    assert.deepEqual(await handles({ handle: { [within]: ["nobody"] } }), []);
    assert.deepEqual(await handles({ handle: { [within]: ["joe", "stopa"] } }), ["joe", "stopa"]);
  }
});

vector(44, "`or` finds whatever fulfils one of its parts", async () => {
  const or = [{ handle: "somebody" }, { handle: "joe" }, { handle: "nobody" }];
  assert.deepEqual(await handles({ or }), ["joe"]);
});

vector(45, "each part of `and` looks for its own linked entity", async () => {
  const [musashi, count] = ["Musashi", "The Count of Monte Cristo"].map((title) => ({ "bookshelves.books.title": title }));
  assert.deepEqual(await handles({ and: [musashi, count] }), ["stopa"]);
  assert.deepEqual(await handles({ ...musashi, and: [count] }), ["stopa"]);
});

vector(46, "`and` and `or` nest", async () => {
  const or = [{ handle: "somebody" }, { handle: "joe" }, { and: [{ or: [{ handle: "stopa" }] }] }];
  assert.deepEqual(await handles({ and: [{ or }] }), ["joe", "stopa"]);
});

vector(47, "several keys hold together", async () => {
  const book = { "bookshelves.books.title": "Musashi" };
  assert.deepEqual(await handles({ ...book, email: "random@example.com" }), []);
  assert.deepEqual(await handles({ ...book, email: "stopa@instantdb.com" }), ["stopa"]);
});

vector(48, "a child form has conditions of its own", async () => {
  const bookshelves = { $: { where: { name: "Nonfiction", order: 1 } } };
  const { users } = await (await app()).query({ users: { $: { where: { handle: "alex" } }, bookshelves } });
  assert.deepEqual(pluck(users[0].bookshelves, "name"), ["Nonfiction"]);
});

vector(49, "a link is compared with a uuid", async () => {
  const message = 'Expected bookshelves to be a uuid, got "hello"';
  const error = await (await app()).queryError({ users: { $: { where: { bookshelves: "hello" } } } });
  refused(error, { errors: [{ message }] });
});

vector(50, "unknown names make empty answers", async () => {
  const at = await app();
  assert.deepEqual(await at.query({ zippy: {} }), { zippy: [] });
  assert.deepEqual(await handles({ "bookshelves.zippy": "x" }), []);
  const { users } = await at.query({ users: { zippy: {} } });
  assert.deepEqual(pluck(users, "zippy"), [[], [], [], []]);
});

vector(51, "the newest users come first when asked for, page by page", async () => {
  const order = { serverCreatedAt: "desc" };
  assert.deepEqual(await page({ order, limit: 2 }), ["nicolegf", "alex"]);
  assert.deepEqual(await page({ order, limit: 2, offset: 2 }), ["joe", "stopa"]);
});

vector(52, "a user who fulfils a condition twice comes once", async () => {
  const at = await app();
  const { users } = await at.query({ users: { bookshelves: {} } });
  const shelves = Object.fromEntries(users.map((user) => [user.handle, pluck(user.bookshelves, "id")]));
  const within = [...shelves.stopa.slice(0, 2), shelves.joe[0], shelves.alex[0]];
  const where = { bookshelves: { in: within } };
  assert.deepEqual(await page({ where, limit: 3, order: { serverCreatedAt: "asc" } }), ["stopa", "joe", "alex"]);
});

/** Where a page begins and ends, which only a subscription tells. */
const pageInfo = async (query) => {
  const { db } = await app();
  const subscription = db.subscribeQuery(query);
  for await (const payload of subscription) {
    subscription.close();
    assert.equal(payload.type, "ok", JSON.stringify(payload));
    return payload.pageInfo;
  }
};

vector(53, "a cursor says where to go on", async () => {
  const desc = { serverCreatedAt: "desc" };
  const info = await pageInfo({ users: { $: { order: desc, limit: 1 } } });
  const newest = info.users.startCursor;
  assert.equal(newest.length, 4);
  assert.equal(info.users.hasNextPage, true);
  assert.deepEqual(await page({ order: desc, limit: 1, after: newest }), ["alex"]);
  assert.deepEqual(await page({ order: desc, limit: 1, after: newest, afterInclusive: true }), ["nicolegf"]);
  assert.deepEqual(await page({ order: desc, before: newest }), []);
  assert.deepEqual(await page({ order: { serverCreatedAt: "asc" }, limit: 1, before: newest }), ["stopa"]);
});

vector(55, "users without a value come first, and pages visit everyone in both directions", async () => {
  const at = await zeneca();
  const order = (direction) => ({ order: { email: direction } });
  const all = async (direction) => pluck((await at.query({ users: { $: order(direction) } })).users, "handle");
  await at.transact([["update", "users", id(), { handle: "first" }]]);
  assert.deepEqual(await all("asc"), ["first", "alex", "joe", "nicolegf", "stopa"]);
  assert.deepEqual(await all("desc"), ["stopa", "nicolegf", "joe", "alex", "first"]);
  // Both have no e-mail address: their ids decide.
  const later = "ffffffff-ffff-4fff-bfff-ffffffffffff";
  await at.transact([["update", "users", later, { handle: "second", email: null }]]);
  const whole = ["first", "second", "alex", "joe", "nicolegf", "stopa"];
  assert.deepEqual(await all("asc"), whole);
  const email = await at.attr("users", "email");
  for (const direction of ["asc", "desc"]) {
    const visited = [];
    let after;
    for (;;) {
      const $ = { ...order(direction), first: 1, ...(after && { after }) };
      const { users } = await at.query({ users: { $ } });
      if (users.length === 0) break;
      visited.push(users[0].handle);
      after = [users[0].id, email, users[0].email ?? null, 0];
    }
    assert.deepEqual(visited, direction === "asc" ? whole : whole.toReversed());
  }
});

vector(58, "children have an order of their own", async () => {
  for (const direction of ["asc", "desc"]) {
    const bookshelves = { $: { order: { order: direction } } };
    const { users } = await (await app()).query({ users: { $: { where: { handle: "stopa" } }, bookshelves } });
    const numbers = Array.from({ length: 16 }, (_, at) => at);
    assert.deepEqual(pluck(users[0].bookshelves, "order"), direction === "asc" ? numbers : numbers.toReversed());
  }
});

vector(59, "entities are counted, for admins", async () => {
  const at = await app();
  for (const [etype, count] of [["users", 4], ["books", 392]]) {
    const answer = await firstAnswer(at, { query: { [etype]: { $: { aggregate: "count" } } } });
    assert.equal(answer["result-meta"].aggregate[etype].count, count);
  }
  const headers = { "content-type": "application/json", "app-id": at.appId, "as-guest": "true" };
  const answer = await at.raw("POST", "/admin/query", { headers, body: { query: { users: { $: { aggregate: "count" } } } } });
  assert.equal(answer.status, 400);
  refused(answer.body, { message: /Aggregates are currently only available for admin queries\.$/ });
});

/** The first answer on an event stream: the SDK shows no aggregates. */
async function firstAnswer(at, body) {
  const stop = new AbortController();
  const response = await fetch(`${at.apiURI}/admin/subscribe-query`, {
    method: "POST", headers: at.headers, body: JSON.stringify(body), signal: stop.signal,
  });
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const line = text.split("\n").find((line) => line.startsWith("data:") && line.includes("add-query-ok"));
    if (line && text.endsWith("\n\n")) {
      stop.abort();
      return JSON.parse(line.slice("data:".length));
    }
  }
}
