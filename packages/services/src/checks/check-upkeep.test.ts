import type { HostUpkeep } from "@mailstead/core/servers";
import { servers } from "@mailstead/db";
import { makeGateway } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeNameServer } from "../dns/name-server.testing.ts";
import { getServer, recordFacts } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import { checkDueServers, checkServer, listFindingChanges, type OutsideView } from "./index.ts";

const t = await openServerTest();
const { serverId } = t;
const dns = makeNameServer("127.0.0.1");
const authority = makeNameServer("127.0.0.7", ["msp.example"]);
const { id: gatewayId } = await makeGateway(t.database.admin);
let outside: OutsideView;

beforeAll(async () => {
  const port = await dns.start();
  await authority.start(port);
  dns.publish("msp.example NS ns.msp.example", "ns.msp.example A 127.0.0.7");
  authority.publish("msp.example SOA 1", "msp.example NS ns.msp.example");
  outside = {
    resolver: { address: "127.0.0.1", port, authorityPort: port },
    looking: { listensOn: (at) => at, probeName: "control.example" },
  };
  await isConnected(true);
});
afterAll(async () => {
  dns.stop();
  authority.stop();
  await t.close();
});

const wellKept: HostUpkeep = {
  clock: { isSynchronised: true, aheadSeconds: 0 },
  updates: { count: 0, securityCount: 0, names: [], askedOn: "2026-01-01" },
  ssh: { ports: [22], takesPasswords: false, takesPasswordOfRoot: false },
  backup: { kind: "elsewhere" },
};
const alone: Partial<HostUpkeep> = { clock: { isSynchronised: false, aheadSeconds: 0 } };

/** Its addresses are nobody's, so that only what its agent tells can be found. */
async function tell(changed: Partial<HostUpkeep> | null): Promise<void> {
  const updates = { ...wellKept.updates, askedOn: t.clock.now.toISOString().slice(0, 10) };
  const upkeep = changed === null ? null : ({ ...wellKept, updates, ...changed } as HostUpkeep);
  const listeners = { ipv4: [22, 25], ipv6: [] };
  await recordFacts(t.system, { serverId, facts: testFacts({ ipAddresses: [], upkeep, listeners }) });
}

async function isConnected(isSo: boolean): Promise<void> {
  await t.database.admin.query
    .update(servers)
    .set({ gatewayId: isSo ? gatewayId : null })
    .where(eq(servers.id, serverId));
}

async function check(): Promise<string[]> {
  t.clock.now = new Date(t.clock.now.getTime() + 60_000);
  const checked = await checkServer(t.owner, { serverId }, outside);
  return checked.kind === "checked" ? checked.report.findings.map(({ kind }) => kind) : ["resolver-silent"];
}
const changes = async () => (await listFindingChanges(t.owner)).map(({ what }) => what);

test("what an agent tells of its host is kept as a finding, and is gone when it is mended", async () => {
  await tell({});
  expect(await check()).toEqual([]);
  await tell(alone);
  expect(await check()).toEqual(["clock-unsynchronised"]);
  expect(await changes()).toEqual(["opened"]);
  t.clock.now = new Date(t.clock.now.getTime() + 2 * 86_400_000);
  await tell({});
  expect(await check()).toEqual([]);
  expect(await changes()).toEqual(["closed"]);
});

test("an agent that has fallen silent, or tells nothing of it, neither opens nor closes anything", async () => {
  t.clock.now = new Date(t.clock.now.getTime() + 2 * 86_400_000);
  await tell(alone);
  await check();
  await isConnected(false);
  expect(await check()).toEqual([]);
  await isConnected(true);
  await tell(null);
  expect(await check()).toEqual([]);
  expect(await changes()).toEqual(["opened"]);
});

test("the server's page shows it at once, without a check", async () => {
  const shown = async () => (await getServer(t.owner, { serverId })).upkeepFindings.map(({ kind }) => kind);
  await tell({ backup: { kind: "unknown" } });
  expect(await shown()).toEqual(["backup-unknown"]);
  await isConnected(false);
  expect(await shown()).toEqual([]);
  await isConnected(true);
  await tell({});
  expect(await shown()).toEqual([]);
});

test("a change of the upkeep has the server looked at soon, and a day that only moved on does not", async () => {
  const run = async () => {
    t.clock.now = new Date(t.clock.now.getTime() + 60_000);
    const { checked } = await checkDueServers(t.system, {
      app: t.database.app,
      installation: t.installation,
      outside,
    });
    return checked;
  };
  const made = (lastOn: string) => ({ backup: { kind: "made", by: "borg", lastOn } }) as const;
  await tell(made("2026-01-01"));
  const installedAt = new Date(t.clock.now.getTime() - 3_600_000);
  await t.database.admin.query.update(servers).set({ installRequestedAt: installedAt });
  await check();
  expect(await run()).toEqual([]);
  await tell(made("2026-01-02"));
  expect(await run()).toEqual([]);
  await tell({ ...made("2026-01-02"), ...alone });
  expect(await run()).toEqual([serverId]);
});
