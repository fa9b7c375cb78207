// npm run up: database, dashboard, gateway and worker under one supervisor, until Ctrl-C.
import { resolve } from "node:path";
import { parseOptions } from "./options.ts";
import { StartError } from "./start-error.ts";
import { startMailstead } from "./supervisor.ts";

const root = resolve(import.meta.dirname, "../..");
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());

try {
  const options = parseOptions(process.argv.slice(2), process.env, root);
  await startMailstead({ root, options, stopping: stopping.signal, print: (line) => console.log(line) });
  process.exit(0);
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
}
