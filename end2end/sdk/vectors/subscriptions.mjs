// subscribeQuery: section 8.
import { assert, contains, id, rejection, scratch, vector } from "../harness.mjs";

vector("§8.1", "a subscription yields the answer, and each change of it", async () => {
  const { db } = await scratch();
  const subscription = db.subscribeQuery({ todos: { $: { first: 1, order: { serverCreatedAt: "desc" } } } });
  const payloads = subscription[Symbol.asyncIterator]();
  const next = async () => (await payloads.next()).value;
  const first = await next();
  contains(first, { type: "ok", data: { todos: [] } });
  assert.match(first.sessionInfo.machineId, /^[0-9a-f-]{36}$/);
  await db.transact(db.tx.others[id()].update({ title: "nothing to it" }));
  const todo = id();
  await db.transact(db.tx.todos[todo].update({ title: "one" }));
  const second = await next();
  assert.deepEqual(second.data, { todos: [{ id: todo, title: "one" }] });
  contains(second.pageInfo, { todos: { hasNextPage: false, hasPreviousPage: false } });
  assert.equal(second.pageInfo.todos.startCursor[0], todo);
  await db.transact(db.tx.todos[todo].update({ title: "two" }));
  assert.equal((await next()).data.todos[0].title, "two");
  await db.transact(db.tx.todos[todo].delete());
  assert.deepEqual((await next()).data, { todos: [] });
  subscription.close();
  assert.equal(subscription.isClosed, true);
});

vector("§8.2", "a subscription that is not let in is told once, and closed", async () => {
  const at = await scratch();
  const strangers = at.sdk({ adminToken: id() });
  const told = await new Promise((resolve) => {
    const subscription = strangers.subscribeQuery({ todos: {} }, (payload) => {
      subscription.close();
      resolve(payload);
    });
  });
  assert.equal(told.type, "error");
  assert.equal(told.error.body.type, "record-not-found");
});

vector("§8.3", "a query that is refused is told as an event", async () => {
  const { db } = await scratch();
  const told = await new Promise((resolve) => {
    const subscription = db.subscribeQuery({ todos: { $: { limit: -1 } } }, (payload) => {
      subscription.close();
      resolve(payload);
    });
  });
  contains(told, { type: "error", error: { status: 400, body: { op: "error", type: "validation-failed" } } });
});

vector("§8.4", "the stream itself keeps to the protocol", async () => {
  const at = await scratch();
  const stop = new AbortController();
  const url = `${at.apiURI}/admin/subscribe-query?local_connection_id=${id()}`;
  const body = JSON.stringify({ query: { todos: {} }, "inference?": false, versions: {} });
  const response = await fetch(url, { method: "POST", headers: { ...at.headers, accept: "*/*" }, body, signal: stop.signal });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type"), /^text\/event-stream/);
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split("\n\n").length > 3) break;
  }
  stop.abort();
  const [retry, init, answer] = text.split("\n\n");
  assert.match(retry, /^retry: ?500$/);
  contains(JSON.parse(init.replace(/^data: ?/, "")), { op: "sse-init" });
  const first = JSON.parse(answer.replace(/^data: ?/, ""));
  contains(first, { op: "add-query-ok", q: { todos: {} }, result: { todos: [] } });
  assert.equal(typeof first["processed-tx-id"], "number");
  assert.ok(await rejection(response.text()));
});
