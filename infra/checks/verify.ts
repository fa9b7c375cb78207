// npm run verify: all that can be known about the code without a database, in under a minute; it says when it took more.
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { sourceChecks } from "./all-checks.ts";
import type { Check } from "./check.ts";
import { checkPureTests } from "./check-pure-tests.ts";

const root = resolve(import.meta.dirname, "../..");
const aimMs = 60_000;
const findingsShownMax = 40;
const colour = process.stdout.isTTY
  ? { good: "\x1b[32m", bad: "\x1b[31m", dim: "\x1b[2m", off: "\x1b[0m" }
  : null;

const checks: readonly Check[] = [...sourceChecks(root), checkPureTests];

const waiting = [...checks];
let brokenCount = 0;
await Promise.all(Array.from({ length: availableParallelism() }, work));
const tookMs = performance.now();
const seconds = (tookMs / 1000).toFixed(1);
console.log(
  brokenCount === 0
    ? `All ${checks.length} checks hold (${seconds} s).`
    : `${brokenCount} of ${checks.length} checks broken (${seconds} s).`,
);
// A warning alone: how long it takes is the machine's doing as well.
if (tookMs > aimMs)
  console.log(
    `${colour?.bad ?? ""}SLOW${colour?.off ?? ""}   this took ${seconds} s and is meant to take less than ${aimMs / 1000} s; unless the machine is busy, the checks have grown too slow.`,
  );
process.exitCode = brokenCount === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    if (!(await runCheck(check))) brokenCount++;
  }
}

async function runCheck(check: Check): Promise<boolean> {
  const startedAt = performance.now();
  const findings = await check
    .find(root)
    .catch((error: unknown) => [`the check itself failed: ${(error as Error).stack ?? error}`]);
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  const holds = findings.length === 0;
  const mark = holds
    ? `${colour?.good ?? ""}ok${colour?.off ?? ""}    `
    : `${colour?.bad ?? ""}BROKEN${colour?.off ?? ""}`;
  console.log(`${mark} ${check.promise} ${colour?.dim ?? ""}${took} s${colour?.off ?? ""}`);
  for (const finding of findings.slice(0, findingsShownMax)) console.log(`       ${finding}`);
  if (findings.length > findingsShownMax)
    console.log(`       and ${findings.length - findingsShownMax} more`);
  return holds;
}
