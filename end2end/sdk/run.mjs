// Drives an embedded store with the real `@instantdb/admin` and `instant-cli`
// through the conformance vectors, and prints what came of each as JSON.
//   APPS=http://127.0.0.1:… node run.mjs [vector …]
// Vectors are numbered as in section 9.2 of the specification of the admin API;
// §n is about its section n, beyond the vectors.
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
// Those of 9.2 by number, R1 to R12, then the sections.
const rank = ({ number }) => (/^\d/.test(number) ? 0 : number.startsWith("R") ? 1 : 2);
rows.sort((a, b) => rank(a) - rank(b) || a.number.localeCompare(b.number, "en", { numeric: true }));
console.log(JSON.stringify(rows, null, 2));
process.exit(rows.every((row) => !row.result.startsWith("FAIL")) ? 0 : 1);
