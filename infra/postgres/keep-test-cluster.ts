// Started with the test cluster, in the background: stops and removes it once no test process has used it for a while.
import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { tryLock } from "../processes/file-lock.ts";
import { hasLivingLease, keeperLockFile, removeTestClusterIfUnused } from "./test-cluster.ts";

const checkEveryMs = 5_000;
/** Long enough that test runs in a row share one cluster and its prepared templates. */
const idleChecksMax = 24;

const [folder] = process.argv.slice(2);
if (!folder || !existsSync(folder)) process.exit(2);

const keeperLock = tryLock(keeperLockFile(folder));
if (!("release" in keeperLock)) process.exit(0);

let idleChecks = 0;
while (existsSync(folder)) {
  idleChecks = hasLivingLease(folder) ? 0 : idleChecks + 1;
  if (idleChecks >= idleChecksMax && (await removeTestClusterIfUnused(folder))) break;
  await wait(checkEveryMs);
}
