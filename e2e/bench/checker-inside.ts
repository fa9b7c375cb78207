// Runs inside the lab's network: makes the fleet in a database of its own, lets the worker's schedule check it, and
// prints one line of JSON.

import { dkimKeys, newId } from "@mailstead/db";
import { makeDomain, makeOrganisation, makeServer, makeTenant } from "@mailstead/db/factories";
import { openTestDatabase } from "@mailstead/db/testing";
import { checkDueDomains } from "@mailstead/services/domains";
import { resolverAddress } from "../lab/addresses.ts";
import { domainCount, domainNames, hostAddresses, hostname, publicKey, selector } from "./checker-fleet.ts";

const database = await openTestDatabase();
const { admin } = database;
const { id: organisationId } = await makeOrganisation(admin);
const { id: tenantId } = await makeTenant(admin, { organisationId });
const scope = { organisationId, tenantId };
const server = await makeServer(admin, { ...scope, hostname });
await admin.pool.query("update servers set facts = $1 where id = $2", [
  JSON.stringify({ ipAddresses: [hostAddresses.ipv4, hostAddresses.ipv6] }),
  server.id,
]);
for (const name of domainNames()) {
  const domain = await makeDomain(admin, { ...scope, serverId: server.id, name });
  await admin.query.insert(dkimKeys).values({
    ...scope,
    id: newId(),
    domainId: domain.id,
    serverId: server.id,
    selector,
    algorithm: "rsa-2048",
    publicKey,
    state: "signing",
    createdAt: new Date(),
    reportedAt: new Date(),
  });
}

const installation = {
  publicUrl: "https://control.lab",
  gatewayUrl: "wss://control.lab/agent/link",
  signingPublicKey: "",
  masterKey: null,
  dnsResolver: resolverAddress.ipv4,
  sendsMail: false,
};
const ctx = {
  actor: { kind: "system" as const, name: "bench" },
  database: database.system,
  now: () => new Date(),
  requestId: "bench",
};
const begunAt = performance.now();
const cpuBefore = process.cpuUsage();
const checked = new Set<string>();
while (checked.size < domainCount) {
  const run = await checkDueDomains(ctx, { app: database.app, installation });
  if (run.resolverProblem !== null) throw new Error(run.resolverProblem);
  const [failed] = run.failed;
  if (failed !== undefined) throw failed.cause;
  const before = checked.size;
  for (const { domainId } of run.checked) checked.add(domainId);
  if (checked.size === before) throw new Error(`Only ${before} domains became due.`);
}
const seconds = (performance.now() - begunAt) / 1000;
const cpu = process.cpuUsage(cpuBefore);
const { rows } = await admin.pool.query<{ right: number; records: number }>(
  `select count(*) filter (where not jsonb_path_exists(report, '$.records[*] ? (@.verdict.kind != "ok")')
       and not jsonb_path_exists(report, '$.zones[*] ? (@.dnssec.kind != "secure")')
       and jsonb_path_exists(report, '$.zones[*]'))::integer as right,
     sum(jsonb_array_length(report -> 'records'))::integer as records from dns_checks`,
);
if (rows[0]?.right !== domainCount) {
  const { rows: examples } = await admin.pool.query<{ zones: unknown; wrong: unknown }>(
    `select report -> 'zones' as zones, jsonb_path_query_array(report, '$.records[*].verdict ? (@.kind != "ok")') as wrong
     from dns_checks limit 1`,
  );
  console.error(JSON.stringify(examples[0], null, 1).slice(0, 4000));
}
console.log(
  JSON.stringify({ seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, ...rows[0], domains: checked.size }),
);
await database.close();
process.exit(0);
