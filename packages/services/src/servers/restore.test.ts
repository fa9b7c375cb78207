import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { noHighWaterMark, raiseHighWaterMark, supersededProblem } from "@mailstead/core/jobs";
import { jobs } from "@mailstead/db";
import { makeAgent } from "@mailstead/db/factories";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDomain } from "../domains/index.ts";
import { unfoundedOrder } from "../jobs/index.ts";
import { createMailbox } from "../mailboxes/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { addServer, changeStackSettings, installServer } from "./index.ts";

const runbook = join(import.meta.dirname, "../../../../docs/runbooks/database.md");

let t: ServiceTest;
beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());

test("after a restore as the runbook says, agents that are ahead of the backup take every order", async () => {
  const { serverId } = await addServer(t.owner, {
    tenantId: t.tenantId,
    name: "mail",
    hostname: "mail.msp.example",
  });
  await makeAgent(t.database.admin, { organisationId: t.organisationId, tenantId: t.tenantId, serverId });
  await t.database.admin.pool.query("update servers set enrolment_state = 'enrolled'");
  await installServer(t.owner, { serverId });
  // What the agent has accepted from a control plane that went on after its backup was made.
  const ahead = { targetRevision: 500, targetDigest: "0".repeat(64), revertsDrift: false };
  const held = [
    { serverId, verb: "converge" as const, sequence: 700, args: ahead },
    { serverId, verb: "sync-directory" as const, sequence: 701, args: { epoch: 3, revision: 90, chain: "" } },
  ].reduce(raiseHighWaterMark, noHighWaterMark);

  await t.database.admin.pool.query("delete from jobs");
  await t.database.admin.pool.query(/```sql\n(begin;[^`]*commit;)/.exec(afterRestore())?.[1] ?? "");
  const { domainId } = await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: "alpha.example" });
  await createMailbox(t.owner, { domainId, localPart: "ann", password: "a good password" });
  await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });

  const orders = await t.database.system.transaction((tx) =>
    tx.select().from(jobs).where(eq(jobs.serverId, serverId)).orderBy(asc(jobs.sequence)),
  );
  expect(new Set(orders.map(({ verb }) => verb))).toEqual(new Set(["converge", "sync-directory"]));
  for (const order of orders) {
    expect(supersededProblem(held, order)).toBeNull();
    expect(await t.database.system.transaction((tx) => unfoundedOrder(tx, order))).toBeNull();
  }
});

let text = "";
beforeAll(async () => {
  text = await readFile(runbook, "utf8");
});

function afterRestore(): string {
  return text.slice(text.indexOf("## Backup and restore"));
}
