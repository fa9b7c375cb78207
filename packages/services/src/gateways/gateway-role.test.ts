import { generateKeyPairSync } from "node:crypto";
import { newId } from "@mailstead/db";
import { makeAgent, makeDomain, makeGateway, makeServer } from "@mailstead/db/factories";
import { afterAll, beforeAll, expect, test } from "vitest";
import { enqueueJob, makeJobSigner, readJobEvents, recordRefused, relayOutbox } from "../jobs/index.ts";
import { createMailbox } from "../mailboxes/index.ts";
import {
  getServer,
  readDirectoryChanges,
  readTargetDocument,
  recordFacts,
  recordObserved,
  restartService,
} from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { testFacts } from "../testing/test-facts.ts";

let t: ServiceTest;
let serverId: string;
let domainId: string;
const signer = makeJobSigner(
  generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
);
beforeAll(async () => {
  t = await openServiceTest();
  const owned = { organisationId: t.organisationId, tenantId: t.tenantId };
  const { id: gatewayId } = await makeGateway(t.database.admin);
  serverId = (await makeServer(t.database.admin, { ...owned, gatewayId })).id;
  await makeAgent(t.database.admin, { ...owned, serverId });
  domainId = (await makeDomain(t.database.admin, { ...owned, serverId })).id;
});
afterAll(() => t.close());

test("a gateway takes in what a host tells and serves what its orders name", async () => {
  await recordFacts(t.gateway, { serverId, facts: testFacts() });
  await t.database.admin.pool.query(
    `insert into dkim_keys (id, organisation_id, tenant_id, domain_id, server_id, selector, algorithm, created_at)
     select $1, organisation_id, tenant_id, id, $2, 'ms202611a', 'ed25519', now() from domains where id = $3`,
    [newId(t.clock.now), serverId, domainId],
  );
  const { rows } = await t.database.admin.pool.query("select name from domains where id = $1", [domainId]);
  await recordObserved(t.gateway, {
    serverId,
    report: {
      targetRevision: 1,
      drift: [],
      dkimPublicKeys: [
        { domain: rows[0].name, selector: "ms202611a", algorithm: "ed25519", publicKey: "QUJD" },
      ],
      directory: { epoch: 1, revision: 0 },
    },
  });
  expect(await getServer(t.owner, { serverId })).toMatchObject({ appliedRevision: 1 });
  const keys = await t.database.admin.pool.query("select public_key from dkim_keys");
  expect(keys.rows).toEqual([{ public_key: "QUJD" }]);

  expect(await readTargetDocument(t.gateway, { serverId, revision: 1 })).toContain(serverId);
  await createMailbox(t.owner, { domainId, localPart: "ann", password: "a long password", quotaBytes: 0 });
  const page = await readDirectoryChanges(t.gateway, {
    serverId,
    epoch: 1,
    afterRevision: 0,
    upToRevision: 9,
  });
  expect(page.changes.map((change) => change.entryKind)).toContain("mailbox");
});

test("a gateway that would ask for a job is refused by Postgres", async () => {
  const wanted = { serverId, verb: "refresh-facts" as const, args: {} };
  await expect(
    t.gateway.database.transaction((tx) => enqueueJob(tx, t.gateway, wanted)),
  ).rejects.toMatchObject({ cause: { code: "42501" } });
});

test("a gateway that pushes a deadline out makes no order that lives longer than its verb allows", async () => {
  const { jobId } = await restartService(t.owner, { serverId, service: "postfix" });
  await t.gateway.database.pool.query("update jobs set deadline_at = '2999-01-01' where id = $1", [jobId]);
  await relayOutbox(t.system, { signer, limit: 100 });
  const { rows } = await t.gateway.database.pool.query("select signed_order from jobs where id = $1", [
    jobId,
  ]);
  const lifetimeMs = JSON.parse(rows[0].signed_order).expiresAtUnixMs - t.clock.now.getTime();
  expect(lifetimeMs).toBe(3_600_000);
});

test("a refusal of an agent ends its job, which then has no story", async () => {
  const { jobId } = await restartService(t.owner, { serverId, service: "dovecot" });
  const refusal = {
    jobId,
    serverId,
    gatewayId: newId(t.clock.now),
    reason: "expired" as const,
    sentence: "Too late.",
  };
  expect(await recordRefused(t.gateway, refusal)).toEqual({ hasChanged: true });
  expect((await readJobEvents(t.owner, { jobId })).events).toEqual([]);
});
