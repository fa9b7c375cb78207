// npm run build: builds the dashboard for production. The agent release is made by npm run build:agent.
import { resolve } from "node:path";
import { createLineWriter } from "../up/log-lines.ts";
import { StartError } from "../up/start-error.ts";
import { buildWeb } from "../up/web-build.ts";

const root = resolve(import.meta.dirname, "../..");
const output = createLineWriter(
  { nameWidth: 5, hasColour: process.stdout.isTTY === true, print: (line) => console.log(line) },
  "build",
  "yellow",
);
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
const exitCodes = { failed: 1, stopped: 130 } as const;

try {
  const { serverFile, wasBuilt } = await buildWeb(root, {
    output,
    notice: (sentence) => console.log(sentence),
    signal: stopping.signal,
  });
  console.log(`The dashboard is ${wasBuilt ? "built" : "up to date"}: ${serverFile}`);
} catch (error) {
  if (!stopping.signal.aborted) console.error(error instanceof StartError ? error.message : error);
  process.exitCode = stopping.signal.aborted ? exitCodes.stopped : exitCodes.failed;
}
