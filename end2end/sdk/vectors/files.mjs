// Files: 60, 76, 78, 79, and section 7.
import { assert, contains, id, once, pluck, refused, rejection, scratch, vector } from "../harness.mjs";
import { Readable } from "node:stream";

/** An app with a file that a document is linked to. */
const filed = once(async () => {
  const at = await scratch();
  await at.pushSchema({
    entities: { docs: { attrs: { name: { valueType: "string", required: false, config: { indexed: false, unique: false } } } } },
    links: { docFile: { forward: { on: "docs", label: "file", has: "one" }, reverse: { on: "$files", label: "doc", has: "one" } } },
  });
  const options = { contentType: "text/plain", contentDisposition: 'attachment; filename="a.txt"' };
  at.uploaded = (await at.db.storage.uploadFile("dir/a b.txt", Buffer.from("contents"), options)).data;
  at.doc = id();
  await at.transact([["update", "docs", at.doc, { name: "doc" }], ["link", "docs", at.doc, { file: at.uploaded.id }]]);
  return at;
});

vector(60, "a file's row tells of it, and where its bytes are", async () => {
  const at = await filed();
  const { $files } = await at.query({ $files: {} });
  const { url, ...rest } = $files[0];
  assert.deepEqual(rest, {
    id: at.uploaded.id, path: "dir/a b.txt", size: 8, "content-type": "text/plain",
    "content-disposition": 'attachment; filename="a.txt"', "location-id": at.uploaded["location-id"], "key-version": 1,
  });
  const fields = async (...fields) => (await at.query({ $files: { $: { fields } } })).$files[0];
  assert.deepEqual(await fields("url"), { id: rest.id, url });
  assert.deepEqual(await fields("url", "location-id"), { id: rest.id, url, "location-id": rest["location-id"] });
  assert.deepEqual(await fields("path"), { id: rest.id, path: "dir/a b.txt" });
  const { docs } = await at.query({ docs: { file: {} } }, { "inference?": true });
  assert.deepEqual(docs[0].file, $files[0]);
  assert.deepEqual((await at.query({ $files: { $: { where: { url } } } })).$files, []);
});

vector("§7 bytes", "the address of a file yields its bytes to whoever has it", async () => {
  const at = await filed();
  const { $files } = await at.query({ $files: {} });
  const answer = await fetch($files[0].url);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), "contents");
  assert.equal(answer.headers.get("content-type"), "text/plain");
  assert.equal(answer.headers.get("content-disposition"), 'attachment; filename="a.txt"');
  assert.equal(answer.headers.get("cache-control"), "public, max-age=86400, immutable");
  const forged = new URL($files[0].url);
  for (const [name, value] of forged.searchParams) forged.searchParams.set(name, value.replace(/.$/, (end) => (end === "0" ? "1" : "0")));
  assert.equal((await fetch(forged)).status, 403);
  assert.equal(await at.db.storage.getDownloadUrl("dir/a b.txt"), $files[0].url);
  assert.equal(await at.db.storage.getDownloadUrl("never.txt"), null);
  const list = await at.db.storage.list();
  contains(list, [{ name: "dir/a b.txt", size: 8, etag: null, last_modified: null }]);
  assert.match(list[0].key, new RegExp(`^${at.appId}/\\d/${at.uploaded["location-id"]}$`));
});

vector(76, "of a file its path may be changed, and nothing that the store knows better", async () => {
  const at = await scratch();
  const { data: one } = await at.db.storage.uploadFile("one.txt", Buffer.from("1"));
  await at.db.storage.uploadFile("two.txt", Buffer.from("2"));
  await at.transact([["update", "$files", one.id, { path: "uno.txt" }]]);
  refused(await at.transactError([["update", "$files", one.id, { path: "two.txt" }]]), { type: "record-not-unique" });
  refused(await at.transactError([["update", "$files", one.id, { "location-id": id() }]]), {
    message: "Validation failed for tx-step: $files.location-id is a system column. You aren't allowed to change this directly.",
  });
  refused(await at.transactError([["update", "$files", id(), { path: "new.txt" }]]), { message: /^Missing required attribute/ });
  assert.deepEqual(pluck((await at.query({ $files: {} })).$files, "path").sort(), ["two.txt", "uno.txt"]);
});

vector(78, "a file that is uploaded again keeps its id and changes its place", async () => {
  const { db } = await scratch();
  const upload = async (text) => (await db.storage.uploadFile("same.txt", Buffer.from(text))).data;
  const [first, second] = [await upload("first"), await upload("second, longer")];
  assert.equal(first.id, second.id);
  assert.notEqual(first["location-id"], second["location-id"]);
  const { $files } = await db.query({ $files: {} });
  assert.equal($files.length, 1);
  contains($files[0], { size: 14, "location-id": second["location-id"], "content-type": "application/octet-stream", "content-disposition": "inline" });
  assert.equal(await (await fetch($files[0].url)).text(), "second, longer");
});

vector(79, "addresses are signed at the beginning of the day, for seven days", async () => {
  const at = await filed();
  const url = new URL((await at.query({ $files: {} })).$files[0].url);
  const expires = Number(url.searchParams.get("exp"));
  const day = 24 * 60 * 60;
  const signed = (expires > 1e12 ? expires / 1000 : expires) - 7 * day;
  const now = Date.now() / 1000;
  assert.equal(signed % day, 0, "midnight in UTC");
  assert.ok(signed <= now && now - signed < day + 60, "of this day");
});

vector("§7 uploads", "files come as buffers, streams and by address, and large ones too", async () => {
  const { db, apiURI } = await scratch();
  const bytes = Buffer.alloc(3_000_000, "abcdefgh");
  const stream = Readable.from(bytes.toString("latin1").match(/[^]{1,65536}/g).map((part) => Buffer.from(part, "latin1")));
  const { data } = await db.storage.uploadFile("stream.bin", stream, { fileSize: bytes.length });
  assert.equal(data.size, bytes.length);
  assert.ok((await rejection(db.storage.uploadFile("x", Readable.from(["x"])))).message.includes("fileSize is required"));
  assert.equal(await db.storage.upload("leg.txt", new Blob(["legacy"], { type: "text/plain" })), true);
  const { $files } = await db.query({ $files: { $: { order: { path: "asc" } } } });
  assert.deepEqual(pluck($files, "path"), ["leg.txt", "stream.bin"]);
  assert.equal(await (await fetch($files[0].url)).text(), "legacy");
  assert.ok(Buffer.from(await (await fetch($files[1].url)).arrayBuffer()).equals(bytes));
  const used = await fetch(`${apiURI}/storage/${id()}/consume-upload-url`, { method: "PUT", body: "x" });
  assert.equal(used.status, 400);
});
