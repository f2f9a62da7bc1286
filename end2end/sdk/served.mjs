// Drives a whole server's admin API with the SDK: what the registry stored is
// there, and what is written comes back. Prints what it saw as JSON.
//   API_URI=… APP_ID=… ADMIN_TOKEN=… node served.mjs
import { id, init } from "@instantdb/admin";

const { API_URI: apiURI, APP_ID: appId, ADMIN_TOKEN: adminToken } = process.env;
const db = init({ apiURI, appId, adminToken });

const { registry_components: components } = await db.query({
  registry_components: { $: { fields: ["name"] }, repository: { $: { fields: ["name"] } }, files: { storage: {} } },
});
const contents = [];
for (const { storage } of components.flatMap((component) => component.files)) {
  contents.push(await (await fetch(storage[0].url)).text());
}

const subscription = db.subscribeQuery({ notes: {} });
const seen = [];
const note = id();
for await (const payload of subscription) {
  seen.push(payload.data?.notes.map((note) => note.text) ?? payload.error.message);
  if (seen.length === 2) break;
  await db.transact(db.tx.notes[note].update({ text: "written by the SDK" }));
}
subscription.close();

console.log(JSON.stringify({
  components: components.map((component) => [component.name, component.repository[0].name]), contents, notes: seen,
}));
process.exit(0);
