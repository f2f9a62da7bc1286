// Who may come in, and what the answers look like: 1-3, 29, 30, 80, and section 2.
import { assert, id, once, refused, rejection, scratch, vector } from "../harness.mjs";

const app = once(scratch);
const other = once(scratch);
const query = { query: { goals: {} } };

async function asked(path, headers, body = query) {
  const answer = await (await app()).raw("POST", path, { headers: { "content-type": "application/json", ...headers }, body });
  assert.equal(answer.status, 400, answer.text);
  return answer.body;
}

vector(1, "a request that names no app is refused", async () => {
  const { adminToken } = await app();
  const error = await asked("/admin/query", { authorization: `Bearer ${adminToken}` });
  refused(error, {
    type: "param-missing",
    message: 'Missing parameter: ["headers" "app-id"]',
    hint: { in: ["headers", "app-id"], "possible-ins": [["query-params", "app_id"]] },
  });
});

vector(2, "a request without a token is refused", async () => {
  const { appId } = await app();
  refused(await asked("/admin/query", { "app-id": appId }), {
    type: "param-missing",
    message: 'Missing parameter: ["headers" "authorization"]',
    hint: { in: ["headers", "authorization"] },
  });
  refused(await asked("/admin/query", { "app-id": appId, authorization: "Bearer x" }), {
    type: "param-malformed",
    message: 'Malformed parameter: ["headers" "authorization"]',
    hint: { in: ["headers", "authorization"], "original-input": "Bearer x" },
  });
});

vector(3, "another app's token is refused", async () => {
  const { appId } = await app();
  const { adminToken } = await other();
  refused(await asked("/admin/query", { "app-id": appId, authorization: `Bearer ${adminToken}` }), {
    type: "record-not-found",
    message: "Record not found: app-admin-token",
    hint: {
      args: [{ "app-id": appId, token: adminToken }],
      message: "This admin token may be expired or invalid. Or you may have provided an incorrect app ID.",
      "record-type": "app-admin-token",
    },
  });
  const error = await (await app()).raw("GET", `/superadmin/apps/${(await other()).appId}/schema`);
  assert.equal(error.status, 400);
  refused(error.body, { message: /^This admin token does not belong to app /, hint: { reason: "admin-token-mismatch" } });
});

vector("§2.2", "the app may be named in the query string, and the SDK is let in", async () => {
  const { appId, adminToken } = await app();
  const headers = { "content-type": "application/json", authorization: `Bearer ${adminToken}` };
  const answer = await (await app()).raw("POST", `/admin/query?app_id=${appId}`, { headers, body: query });
  assert.deepEqual(answer.body, { goals: [] });
  assert.deepEqual(await (await app()).db.query({ goals: {} }), { goals: [] });
});

vector("§2.3", "answers are 200, JSON, and keep InstantDB's conventions", async () => {
  const { raw } = await app();
  const at = raw.bind(await app());
  const answer = await at("POST", "/admin/query", { body: query });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(answer.headers.get("x-frame-options"), "DENY");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  const lost = await at("GET", "/no/such/route");
  assert.deepEqual([lost.status, lost.body], [404, { message: "Oops! We couldn't match this route." }]);
  assert.equal((await at("GET", "/admin/query")).status, 404);
  const broken = await at("POST", "/admin/query", { body: '{"query":' });
  assert.deepEqual([broken.status, broken.text], [400, "Malformed JSON in request body."]);
  assert.match(broken.headers.get("content-type"), /^text\/plain/);
  const preflight = await at("OPTIONS", "/admin/query", {
    headers: {
      origin: "https://app.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "app-id,authorization",
    },
  });
  assert.equal(preflight.status, 200);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "https://app.example");
  assert.equal(preflight.headers.get("access-control-max-age"), "600");
  for (const method of ["GET", "PUT", "POST", "DELETE"]) {
    assert.ok(preflight.headers.get("access-control-allow-methods").includes(method), method);
  }
});

vector("§2.4", "missing and malformed parameters are told", async () => {
  const { appId, adminToken } = await app();
  const headers = { "app-id": appId, authorization: `Bearer ${adminToken}` };
  refused(await asked("/admin/query", headers, {}), { type: "param-missing", message: 'Missing parameter: ["body" "query"]' });
  refused(await asked("/admin/query", headers, { query: [1] }), {
    type: "param-malformed",
    message: 'Malformed parameter: ["body" "query"]',
    hint: { in: ["body", "query"], "original-input": [1] },
  });
  refused(await asked("/admin/transact", headers, {}), { type: "param-missing", message: 'Missing parameter: ["body" "steps"]' });
  refused(await asked("/admin/transact", headers, { steps: "x" }), { type: "param-malformed" });
  refused(await asked("/admin/query", { ...headers, "as-token": "x" }), {
    type: "param-malformed",
    message: 'Malformed parameter: ["asUser" "token"]',
  });
  refused(await asked("/admin/query_perms_check", headers), { message: "Validation failed for non-admin: Cannot test perms as admin" });
});

vector(29, "users and guests need no admin token, and get what the rules allow outright", async () => {
  const { db, sdk, appId, apiURI } = await app();
  const strangers = (await app()).sdk({ adminToken: undefined });
  await db.transact(db.tx.goals[id()].update({ title: "moop" }));
  const denied = await rejection(strangers.asUser({ guest: true }).query({ goals: {} }));
  refused(denied.body, { type: "permission-denied", hint: { input: ["goals", "view"], expected: "perms-pass?" } });
  await (await app()).rules({ goals: { allow: { view: "true", create: "auth.id != null" } } });
  assert.equal((await strangers.asUser({ guest: true }).query({ goals: {} })).goals.length, 1);
  const token = await db.auth.createToken({ email: "stopa@instantdb.com" });
  assert.equal((await strangers.asUser({ token }).query({ goals: {} })).goals.length, 1);
  assert.equal((await db.asUser({ email: "stopa@instantdb.com" }).query({ goals: {} })).goals.length, 1);
  const strange = await rejection(strangers.asUser({ token: id() }).query({ goals: {} }));
  refused(strange.body, { type: "record-not-found" });
  const write = await rejection(strangers.asUser({ guest: true }).transact(db.tx.goals[id()].update({ title: "no" })));
  refused(write.body, { type: "permission-denied", hint: { input: ["goals", "create"] } });
  // The SDK does not send this without a token.
  refused(await asked("/admin/query", { "app-id": appId, "as-email": "stopa@instantdb.com" }), { type: "param-missing" });
  assert.ok(sdk && apiURI);
});

vector(30, "files are stored and deleted by admins; guests only where the rules say so", async () => {
  const { db, apiURI, appId, adminToken } = await app();
  const uploaded = await db.storage.uploadFile("a.txt", Buffer.from("hello"));
  assert.match(uploaded.data.id, /^[0-9a-f-]{36}$/);
  const { $files } = await db.query({ $files: {} });
  assert.deepEqual($files.map((file) => file.path), ["a.txt"]);
  const remove = (filename) =>
    fetch(`${apiURI}/admin/storage/files?filename=${filename}`, {
      method: "DELETE",
      headers: { "content-type": "application/json", "app-id": appId, authorization: `Bearer ${adminToken}` },
    }).then((answer) => answer.json());
  assert.deepEqual(await remove("a.txt"), { data: { id: uploaded.data.id } });
  assert.deepEqual(await remove("a.txt"), { data: { id: null } });
  await db.storage.uploadFile("b.txt", Buffer.from("b"));
  await db.storage.uploadFile("c.txt", Buffer.from("c"));
  const many = await db.storage.deleteMany(["b.txt", "c.txt", "never.txt"]);
  assert.equal(many.data.ids.length, 2);
  await (await app()).rules({ $files: { allow: { create: "auth.id != null", view: "true", delete: "true" } } });
  const guest = (await app()).sdk({ adminToken: undefined }).asUser({ guest: true });
  const denied = await rejection(guest.storage.uploadFile("d.txt", Buffer.from("d")));
  refused(denied.body, { type: "permission-denied", hint: { input: ["$files", "create"] } });
  await (await app()).rules({ $files: { allow: { create: "true" } } });
  await guest.storage.uploadFile("d.txt", Buffer.from("d"));
});

vector(80, "a read-only app answers queries, a disabled one nothing", async () => {
  const mine = await scratch();
  await mine.status("read-only");
  const step = mine.db.tx.goals[id()].update({ title: "moop" });
  const write = await rejection(mine.db.transact(step));
  assert.equal(write.status, 400);
  refused(write.body, { type: "app-read-only", message: "This app is in read-only mode.", hint: { status: "read-only" } });
  refused((await rejection(mine.db.storage.uploadFile("a", Buffer.from("a")))).body, { type: "app-read-only" });
  assert.deepEqual(await mine.db.query({ goals: {} }), { goals: [] });
  await mine.status("disabled");
  // One after the other: a refusal that nobody waits for yet would end the process.
  for (const call of [() => mine.db.transact(step), () => mine.db.query({ goals: {} })]) {
    const told = { type: "app-disabled", message: "This app is currently disabled.", hint: { status: "disabled" } };
    refused((await rejection(call())).body, told);
  }
  await mine.status("active");
  await mine.db.transact(step);
});
