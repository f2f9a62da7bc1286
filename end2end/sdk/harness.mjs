// What the vectors are written in: scratch apps, the SDK, raw requests, and a
// table of what passed. `APPS` is the address of a host of scratch apps:
//   POST /apps[?zip=1]            an empty app, or one restored from the backup
//                                 → {apiURI, appId, adminToken}
//   PUT  /apps/<app id>/status    active | read-only | disabled, as the body
import { id, init, lookup, tx } from "@instantdb/admin";
import assert from "node:assert/strict";

export { assert, id, lookup, tx };

const host = process.env.APPS ?? fail("APPS is not set: the address of a host of scratch apps");
const vectors = [];

function fail(message) {
  throw new Error(message);
}

/** Registers a vector: its number in the specification, and what it promises. */
export function vector(number, promise, check) {
  vectors.push({ number: String(number), promise, check });
}

/** Registers a vector that cannot apply, and why. */
export function doesNotApply(number, promise, reason) {
  vectors.push({ number: String(number), promise, reason });
}

/** How long a vector may take before it counts as failed, in milliseconds. */
const PATIENCE = 120_000;

function tooLong() {
  return new Promise((_, fail) => setTimeout(() => fail(new Error("it does not end")), PATIENCE).unref());
}

/** Runs all vectors, one after the other, and returns the table. */
export async function run(only = () => true) {
  const rows = [];
  for (const { number, promise, check, reason } of vectors) {
    if (!only(number)) continue;
    let result = `does not apply: ${reason}`;
    if (check) {
      try {
        await Promise.race([check(), tooLong()]);
        result = "pass";
      } catch (error) {
        result = `FAIL: ${error.stack ?? error}`;
        if (error.body) result += `\n${JSON.stringify(error.body)}`;
      }
    }
    rows.push({ number, promise, result });
  }
  return rows;
}

/** One app. */
class App {
  constructor(credentials) {
    Object.assign(this, credentials);
    this.db = this.sdk();
  }

  /** The SDK for this app; `schema` turns on inference and strictness. */
  sdk(options = {}) {
    const { apiURI, appId, adminToken } = this;
    return init({ apiURI, appId, adminToken, ...options });
  }

  /** What the SDK sends by itself. */
  get headers() {
    return { "content-type": "application/json", "app-id": this.appId, authorization: `Bearer ${this.adminToken}` };
  }

  /** A request as it is, and its answer as it is. */
  async raw(method, path, { headers = this.headers, body } = {}) {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(this.apiURI + path, { method, headers, body: text });
    const answer = { status: response.status, headers: response.headers, text: await response.text() };
    try {
      answer.body = JSON.parse(answer.text);
    } catch {
      answer.body = undefined;
    }
    return answer;
  }

  /** A request that must be answered with 200. */
  async ok(method, path, body) {
    const answer = await this.raw(method, path, { body });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  }

  /** A query past the SDK's own checks. */
  query(query, options = {}) {
    return this.ok("POST", "/admin/query", { query, ...options });
  }

  /** Steps past the SDK's own checks. */
  transact(steps, options = {}) {
    return this.ok("POST", "/admin/transact", { steps, ...options });
  }

  /** The error of a query that must be refused. */
  queryError(query, options = {}) {
    return this.error("POST", "/admin/query", { query, ...options });
  }

  /** The error of steps that must be refused. */
  transactError(steps, options = {}) {
    return this.error("POST", "/admin/transact", { steps, ...options });
  }

  /** The body of an answer that must have status 400 and be an error. */
  async error(method, path, body) {
    const answer = await this.raw(method, path, { body });
    assert.equal(answer.status, 400, answer.text);
    assert.equal(typeof answer.body.message, "string", answer.text);
    assert.match(answer.body["trace-id"], /^[0-9a-f]{32}$/);
    return answer.body;
  }

  /** Pushes a schema given as `{ns: {attr: "string unique indexed required"}}` and links. */
  async push(entities, links = {}) {
    const attr = (words) => {
      const [valueType, ...flags] = words.split(" ");
      const has = (flag) => flags.includes(flag);
      return { valueType, required: has("required"), config: { indexed: has("indexed"), unique: has("unique") } };
    };
    const map = (object, each) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, each(value)]));
    const schema = { entities: map(entities, (attrs) => ({ attrs: map(attrs, attr) })), links };
    return this.pushSchema(schema);
  }

  pushSchema(schema) {
    const body = { schema, check_types: true, supports_background_updates: false };
    return this.ok("POST", `/superadmin/apps/${this.appId}/schema/push/apply`, body);
  }

  /** Every attribute of the app, as `schema/pull` tells of them. */
  async attrs() {
    return (await this.ok("GET", `/dash/apps/${this.appId}/schema/pull`)).attrs;
  }

  /** The id of an attribute. */
  async attr(etype, label) {
    const found = (await this.attrs()).find((attr) => attr["forward-identity"].slice(1).join() === `${etype},${label}`);
    assert.ok(found, `no attribute ${etype}.${label}`);
    return found.id;
  }

  async rules(code) {
    return this.ok("POST", `/superadmin/apps/${this.appId}/perms`, { code });
  }

  async status(status) {
    const answer = await fetch(`${host}/apps/${this.appId}/status`, { method: "PUT", body: status });
    assert.equal(answer.status, 200);
  }

  /** Makes entities, each by `update`, each in a transaction of its own, so that their order is known. */
  async fill(etype, rows) {
    const ids = [];
    for (const row of rows) {
      ids.push(id());
      await this.transact([["update", etype, ids.at(-1), row]]);
    }
    return ids;
  }

  /** The labels of the entities that fulfil a condition, in alphabetical order. */
  async labels(etype, where, options = {}) {
    const result = await this.query({ [etype]: { $: { where, ...options } } });
    return result[etype].map((row) => row.label).sort();
  }
}

async function made(query) {
  const answer = await fetch(`${host}/apps${query}`, { method: "POST" });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return new App(JSON.parse(text));
}

/** A new app with nothing in it. */
export const scratch = () => made("");

/** A new app restored from the backup zip. */
export const restored = () => made("?zip=1");

/** The same with users of known ages: in the backup all were created at once. */
export async function zeneca() {
  const at = await restored();
  const { users } = await at.query({ users: { bookshelves: {} } });
  for (const handle of ["stopa", "joe", "alex", "nicolegf"]) {
    const { id, bookshelves, ...values } = users.find((user) => user.handle === handle);
    await at.transact([["delete", "users", id]]);
    await at.transact([["create", "users", id, values], ["link", "users", id, { bookshelves: pluck(bookshelves, "id") }]]);
  }
  return at;
}

/** The value of `make()`, made when it is first needed and kept. */
export function once(make) {
  let value;
  return () => (value ??= make());
}

/** Checks an error's parts. */
export function refused(error, { type = "validation-failed", message, hint, errors }) {
  assert.equal(error.type, type, JSON.stringify(error));
  if (message instanceof RegExp) assert.match(error.message, message);
  else if (message !== undefined) assert.equal(error.message, message);
  if (hint !== undefined) contains(error.hint, hint);
  if (errors !== undefined) errors.forEach((expected, at) => contains(error.hint.errors[at], expected));
}

/** Whether `actual` has everything that `expected` has. */
export function contains(actual, expected, path = "") {
  if (expected === null || typeof expected !== "object") {
    assert.deepEqual(actual, expected, `at ${path || "the top"}`);
    return;
  }
  assert.ok(actual !== null && typeof actual === "object", `nothing at ${path}: ${JSON.stringify(actual)}`);
  for (const [key, value] of Object.entries(expected)) contains(actual[key], value, `${path}.${key}`);
}

/** What a promise of the SDK is refused with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("it was not refused");
}

/** The column of one key. */
export const pluck = (rows, key) => rows.map((row) => row[key]);
