import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileAgent } from "../agent/agent-host.ts";
import { runExactlyOnce } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "try-"));
const agentPath = await compileAgent(folder);
const [seed = 1, attemptsMin = 2000, faultCount = 5] = process.argv.slice(2).map(Number);
const r = await runExactlyOnce({ agentPath, seed, attemptsMin, faultCount, log: console.log });
console.log({ ...r, differences: r.differences.length });
console.log(r.differences.slice(0, 20).join("\n"));
process.exit(0);
