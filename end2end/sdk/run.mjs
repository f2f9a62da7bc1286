// Drives an embedded store with the real `@instantdb/admin` and `instant-cli`
// through the conformance vectors, and prints what came of each as JSON.
//   APPS=http://127.0.0.1:… node run.mjs [vector …]
import { run } from "./harness.mjs";
import "./vectors/access.mjs";
import "./vectors/zeneca.mjs";
import "./vectors/steps.mjs";
import "./vectors/values.mjs";
import "./vectors/writes.mjs";
import "./vectors/files.mjs";
import "./vectors/domain.mjs";
import "./vectors/sdk.mjs";
import "./vectors/subscriptions.mjs";
import "./vectors/platform.mjs";

const wanted = process.argv.slice(2);
const rows = await run((number) => wanted.length === 0 || wanted.includes(number));
console.log(JSON.stringify(rows, null, 2));
process.exit(rows.every((row) => !row.result.startsWith("FAIL")) ? 0 : 1);
