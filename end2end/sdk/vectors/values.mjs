// Conditions and orders on typed values, null and missing ones: 31-40, 54, 56, 57, 61.
import { assert, id, once, pluck, refused, scratch, vector } from "../harness.mjs";

const typed = {
  label: "string unique indexed", string: "string indexed", number: "number indexed",
  date: "date indexed", boolean: "boolean indexed",
};
const row = (i) => ({ label: "abcde"[i], string: `${i}`, number: i, date: i, boolean: i % 2 === 0 });

/** T: five rows of every type, numbered. */
const T = once(async () => {
  const at = await scratch();
  await at.push({ etype: typed });
  at.ids = await at.fill("etype", [0, 1, 2, 3, 4].map(row));
  return at;
});

/** N: three rows of T, one with null everywhere, one with nothing. */
const N = once(async () => {
  const at = await scratch();
  await at.push({ etype: typed });
  const none = { string: null, number: null, date: null, boolean: null };
  await at.fill("etype", [row(0), row(1), row(2), { label: "null", ...none }, { label: "undefined" }]);
  return at;
});

/** B: books without types and indexes. */
const B = once(async () => {
  const at = await scratch();
  const books = [{ title: "a", val: "a" }, { title: "b", val: "b" }, { title: "null", val: null }, { title: "undefined" }];
  await at.fill("books", books);
  return at;
});

/** The numbers of the rows of T that fulfil a condition. */
const numbers = async (where) => pluck((await (await T()).query({ etype: { $: { where } } })).etype, "number").sort();

async function compared(attr, of) {
  const cases = [["$gt", [3, 4]], ["$gte", [2, 3, 4]], ["$lt", [0, 1]], ["$lte", [0, 1, 2]], ["$not", [0, 1, 3, 4]]];
  for (const [op, expected] of cases) assert.deepEqual(await numbers({ [attr]: { [op]: of(2) } }), expected, op);
  assert.deepEqual(await numbers({ [attr]: of(1) }), [1]);
}

vector(31, "texts are compared", async () => {
  await compared("string", String);
  assert.deepEqual(await numbers({ string: { $not: "1" } }), [0, 2, 3, 4]);
});

vector(32, "numbers and dates are compared", async () => {
  await compared("number", Number);
  await compared("date", Number);
});

vector(33, "a date is the same in another spelling", async () => {
  assert.deepEqual(await numbers({ date: "1970-01-01T00:00:00.001Z" }), [1]);
});

vector(34, "false is less than true", async () => {
  const [yes, no, all] = [[0, 2, 4], [1, 3], [0, 1, 2, 3, 4]];
  const cases = [
    ["$gt", true, []], ["$gt", false, yes], ["$gte", true, yes], ["$gte", false, all],
    ["$lt", false, []], ["$lt", true, no], ["$lte", true, all], ["$lte", false, no], ["$not", true, no],
  ];
  for (const [op, value, expected] of cases) {
    assert.deepEqual(await numbers({ boolean: { [op]: value } }), expected, `${op} ${value}`);
  }
});

vector(35, "$in takes values of every type", async () => {
  for (const [attr, list] of [["string", ["3", "4"]], ["number", [3, 4]], ["date", [3, 4]]]) {
    assert.deepEqual(await numbers({ [attr]: { $in: list } }), [3, 4], attr);
  }
  assert.deepEqual(await numbers({ boolean: { $in: [true, false] } }), [0, 1, 2, 3, 4]);
  assert.deepEqual(await numbers({ number: { $in: [] } }), []);
});

vector(36, "$isNull finds null and missing values of every type", async () => {
  const at = await N();
  for (const attr of ["string", "number", "date", "boolean"]) {
    assert.deepEqual(await at.labels("etype", { [attr]: { $isNull: true } }), ["null", "undefined"], attr);
    assert.deepEqual(await at.labels("etype", { [attr]: { $isNull: false } }), ["a", "b", "c"], attr);
  }
});

vector(37, "$not finds null and missing values too", async () => {
  const at = await N();
  for (const [attr, value] of [["string", "1"], ["number", 1], ["date", 1], ["boolean", false]]) {
    assert.deepEqual(await at.labels("etype", { [attr]: { $not: value } }), ["a", "c", "null", "undefined"], attr);
  }
});

vector(38, "the same holds without types and indexes", async () => {
  const at = await B();
  const titles = async (where) => pluck((await at.query({ books: { $: { where } } })).books, "title").sort();
  for (const not of ["$not", "$ne"]) assert.deepEqual(await titles({ val: { [not]: "a" } }), ["b", "null", "undefined"]);
  assert.deepEqual(await titles({ val: { $isNull: true } }), ["null", "undefined"]);
  assert.deepEqual(await titles({ val: { $isNull: false } }), ["a", "b"]);
  const { books } = await at.query({ books: {} });
  assert.deepEqual(books.map((book) => ("val" in book ? book.val : "missing")), ["a", "b", null, "missing"]);
});

/** L: two namespaces of six rows each, linked a to a. */
async function L(forward, reverse, more = []) {
  const at = await scratch();
  const side = (on, label, has) => ({ on, label, has });
  await at.pushSchema({
    entities: {
      fwd: { attrs: untyped("label", "prop") },
      rev: { attrs: untyped("label", "prop") },
    },
    links: { link: { forward: side("fwd", "rev", forward), reverse: side("rev", "fwd", reverse) } },
  });
  const rows = [..."abcd"].map((letter) => ({ label: letter, prop: letter }));
  rows.push({ label: "null", prop: null }, { label: "undefined" });
  const labels = pluck(rows, "label");
  const ids = {};
  for (const etype of ["fwd", "rev"]) {
    const filled = await at.fill(etype, rows);
    ids[etype] = Object.fromEntries(labels.map((label, i) => [label, filled[i]]));
  }
  const links = [["a", "a"], ...more].map(([from, to]) => ["link", "fwd", ids.fwd[from], { rev: ids.rev[to] }]);
  await at.transact(links);
  return at;
}

function untyped(...labels) {
  const attr = { valueType: "json", required: false, config: { indexed: false, unique: false } };
  return Object.fromEntries(labels.map((label) => [label, attr]));
}

const cardinalities = [["one", "one"], ["one", "many"], ["many", "one"], ["many", "many"]];

vector(39, "null is looked for over links of every kind, from both ends", async () => {
  for (const [forward, reverse] of cardinalities) {
    const at = await L(forward, reverse);
    for (const [etype, path] of [["fwd", "rev.prop"], ["rev", "fwd.prop"]]) {
      const about = `${forward} to ${reverse}, ${path}`;
      const others = ["b", "c", "d", "null", "undefined"];
      assert.deepEqual(await at.labels(etype, { [path]: { $isNull: true } }), others, about);
      assert.deepEqual(await at.labels(etype, { [path]: { $isNull: false } }), ["a"], about);
      assert.deepEqual(await at.labels(etype, { [path]: { $not: "a" } }), others, about);
      assert.deepEqual(await at.labels(etype, { [path]: "a" }), ["a"], about);
    }
  }
});

vector(40, "a linked entity without the value counts as null", async () => {
  for (const [forward, reverse] of cardinalities) {
    const at = await L(forward, reverse, [["null", "b"], ["undefined", "c"]]);
    const found = await at.labels("rev", { "fwd.prop": { $isNull: true } });
    assert.deepEqual(found, ["b", "c", "d", "null", "undefined"], `${forward} to ${reverse}`);
  }
});

vector(54, "rows of the same value are paged by their ids", async () => {
  const at = await scratch();
  await at.push({ etype: { label: "string", value: "number indexed" } });
  const ids = [..."abcde"].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`);
  for (const i of [3, 0, 4, 2, 1]) await at.transact([["update", "etype", ids[i], { label: "abcde"[i], value: 1 }]]);
  const attr = await at.attr("etype", "value");
  const cursor = (letter) => [ids["abcde".indexOf(letter)], attr, 1, 0];
  const page = async (options) => {
    const { etype } = await at.query({ etype: { $: { order: { value: "asc" }, ...options } } });
    return pluck(etype, "label").join("");
  };
  assert.equal(await page({}), "abcde");
  assert.equal(await page({ after: cursor("a"), before: cursor("e") }), "bcd");
  assert.equal(await page({ after: cursor("a"), afterInclusive: true, before: cursor("e"), beforeInclusive: true }), "abcde");
  assert.equal(await page({ after: cursor("b"), afterInclusive: true }), "bcde");
  assert.equal(await page({ before: cursor("d"), beforeInclusive: true }), "abcd");
  assert.equal(await page({ last: 2 }), "de");
});

vector(56, "values of every type can be ordered by", async () => {
  const at = await T();
  const column = async (attr, options) =>
    pluck((await at.query({ etype: { $: { order: { [attr]: "asc" }, ...options } } })).etype, attr);
  const values = {
    string: ["0", "1", "2", "3", "4"], number: [0, 1, 2, 3, 4], date: [0, 1, 2, 3, 4],
    boolean: [false, false, true, true, true],
  };
  for (const [attr, sorted] of Object.entries(values)) {
    assert.deepEqual(await column(attr, {}), sorted);
    assert.deepEqual(await column(attr, { order: { [attr]: "desc" } }), sorted.toReversed());
  }
  for (const attr of ["string", "number", "date"]) {
    const [, , two, three, four] = values[attr];
    const where = { [attr]: { $gte: two } };
    assert.deepEqual(await column(attr, { where, order: { [attr]: "desc" } }), [four, three, two]);
    const after = [at.ids[2], await at.attr("etype", attr), two, 0];
    assert.deepEqual(await column(attr, { after }), [three, four]);
  }
});

vector(57, "entities come by creation unless ordered otherwise", async () => {
  const at = await scratch();
  await at.push({ users: { handle: "string unique indexed" } });
  await at.fill("users", ["joe", "stopa", "daniel"].map((handle) => ({ handle })));
  const order = async (order) => pluck((await at.query({ users: { $: { ...(order && { order }) } } })).users, "handle");
  assert.deepEqual(await order(), ["joe", "stopa", "daniel"]);
  assert.deepEqual(await order({ serverCreatedAt: "desc" }), ["daniel", "stopa", "joe"]);
  assert.deepEqual(await order({ handle: "asc" }), ["daniel", "joe", "stopa"]);
});

vector(61, "values of another type than the attribute's are refused", async () => {
  const at = await T();
  const told = (attr, text, type, the = "the ") =>
    `The data type of \`etype.${attr}\` is \`${attr}\`, but the query got ${the}value \`${text}\` of type \`${type}\`.`;
  const cases = [
    ["string", 1, told("string", "1", "number")],
    ["number", "hello", told("number", '"hello"', "string")],
    ["boolean", 0, told("boolean", "0", "number")],
    // What JavaScript makes of 9999999999999999999999.
    ["date", 1e22, told("date", "1.0E22", "number", "")],
    ["date", "tomorrow", told("date", '"tomorrow"', "string", "")],
  ];
  for (const [attr, value, message] of cases) {
    const error = await at.queryError({ etype: { $: { where: { [attr]: value } } } });
    assert.ok(error.message.endsWith(message) || error.hint.errors[0].message === message, `${error.message}\n${message}`);
  }
});

// What section 5.1 says beyond the vectors.
vector("§5.1", "malformed queries are refused in InstantDB's words", async () => {
  const at = await T();
  const refusal = async ($, message) => {
    const error = await at.queryError({ etype: { $ } });
    refused(error, {});
    assert.ok(error.message.includes(message), `${error.message}\n${message}`);
  };
  await refusal({ wat: 1 }, "We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses.");
  await refusal({ limit: -1 }, "The limit field must be a positive integer. Got -1.");
  await refusal({ offset: -1 }, "The offset field must be a non-negative integer. Got -1.");
  await refusal({ limit: 1, first: 1 }, "Only provide one of `limit` or `first`.");
  await refusal({ order: { number: "asc", date: "asc" } }, "We only support a single key in the `order` clause.");
  await refusal({ order: { number: "DESC" } }, 'We only support "asc" or "desc" in the `order` clause. Got "DESC".');
  await refusal({ order: { "random-field": "asc" } }, "There is no `random-field` attribute for etype.");
  await refusal({ where: { or: [] } }, "The list of `or` conditions can't be empty.");
  const free = await B();
  const error = await free.queryError({ books: { $: { order: { val: "asc" } } } });
  refused(error, { message: /is not indexed\. Only indexed and typed attributes can be used to order by\./ });
  refused(await free.queryError({ books: { $: { where: { val: { $gt: "a" } } } } }), { message: /must be indexed to use comparison operators/ });
  refused(await free.queryError({ books: { title: {} } }), { message: "Validation failed for attr: books.title needs to be a link" });
});
