import { defaultRolloutSettings } from "@mailstead/core/rollouts";
import { newId } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TestMailHost } from "../checks/mail-host.testing.ts";
import { openRolloutFleet, type RolloutFleet, wellBehaved } from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { getRollout, getRolloutMember, lookFromOutside, startRollout } from "./index.ts";

let shared: TestDatabase;
let t: ServiceTest;
let host: TestMailHost;
let port: number;
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServiceTest({ shared });
  host = new TestMailHost();
  port = (await host.start("127.0.0.25")).smtp;
  return async () => {
    host.stop();
    await t.close();
  };
});
afterAll(() => shared.close());

const begin = (fleet: RolloutFleet) =>
  startRollout(t.owner, {
    title: "OpenSSL",
    choice: { kind: "sources", sourceNames: ["openssl"] },
    serverIds: [fleet.ids.get("mail0") ?? ""],
    settings: defaultRolloutSettings,
  });

/** The daily check met port 25 at this address with its TLS. */
const wasMet = (fleet: RolloutFleet, name: string, address: string) =>
  t.database.admin.pool.query(
    `insert into server_checks (id, organisation_id, tenant_id, server_id, checked_at, report) values ($1, $2, $3, $4, $5, $6)`,
    [
      newId(t.clock.now),
      t.organisationId,
      t.tenantId,
      fleet.ids.get(name),
      t.clock.now,
      {
        facts: { addresses: [{ address, ports: [{ port: 25, kind: "open", certificate: { names: [] } }] }] },
        findings: [],
      },
    ],
  );

const pass = async (fleet: RolloutFleet, looks: number) => {
  const looking = { listensOn: () => port, probeName: "control.example" };
  for (let look = 0; look < looks; look += 1) {
    await fleet.pass(1);
    const { failed } = await lookFromOutside(t.system, {
      app: t.database.app,
      installation: t.installation,
      looking,
    });
    for (const { cause } of failed) throw cause;
  }
};
const memberOf = (rolloutId: string, fleet: RolloutFleet) =>
  getRolloutMember(t.owner, { rolloutId, serverId: fleet.ids.get("mail0") ?? "" });

test("a server that is met from outside before and after goes through, and both are kept", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  await wasMet(fleet, "mail0", "127.0.0.25");
  const { rolloutId } = await begin(fleet);
  await pass(fleet, 40);
  expect(await memberOf(rolloutId, fleet)).toMatchObject({
    state: "succeeded",
    healthBefore: {
      checks: expect.arrayContaining([expect.objectContaining({ id: "outside", state: "ok" })]),
    },
    healthAfter: {
      checks: expect.arrayContaining([
        expect.objectContaining({ id: "outside", sentence: "Port 25 of 127.0.0.25 greets and begins TLS." }),
      ]),
    },
  });
});

test("a server that calls itself well and is not met from outside any more gets back what it had", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  await wasMet(fleet, "mail0", "127.0.0.25");
  const { rolloutId } = await begin(fleet);
  fleet.answers = (order) => {
    if (order.verb === "install-updates") host.offersTls = false;
    return wellBehaved(order);
  };
  await pass(fleet, 45);
  expect(await memberOf(rolloutId, fleet)).toMatchObject({
    state: "restored",
    problem:
      "Its mail is not well after the change: Port 25 of 127.0.0.25 did before the change, and does not now: STARTTLS is not offered.",
  });
  expect((await getRollout(t.owner, { rolloutId })).state).toBe("halted");
});

test("a moment in which it is not met says nothing", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  await wasMet(fleet, "mail0", "127.0.0.25");
  const { rolloutId } = await begin(fleet);
  fleet.answers = (order) => {
    if (order.verb === "install-updates") host.offersTls = false;
    return wellBehaved(order);
  };
  for (let look = 0; look < 40; look += 1) {
    await pass(fleet, 1);
    if ((await memberOf(rolloutId, fleet)).probes.some(({ kind }) => kind === "bad")) host.offersTls = true;
  }
  expect(await memberOf(rolloutId, fleet)).toMatchObject({ state: "succeeded" });
});

test("where no other server is met either, the line may be down, and nothing is held against the server", async () => {
  const fleet = await openRolloutFleet(t, ["mail0", "mail1"]);
  await wasMet(fleet, "mail0", "127.0.0.25");
  await wasMet(fleet, "mail1", "127.0.0.26");
  const { rolloutId } = await begin(fleet);
  fleet.answers = (order) => {
    if (order.verb === "install-updates") host.offersTls = false;
    return wellBehaved(order);
  };
  await pass(fleet, 40);
  const member = await memberOf(rolloutId, fleet);
  expect(member.state).toBe("succeeded");
  expect(member.healthAfter?.checks.map(({ id }) => id)).toEqual(["loopback"]);
});

test("a server that was never met from outside is judged by its own looks alone", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  host.offersTls = false;
  const { rolloutId } = await begin(fleet);
  await pass(fleet, 40);
  expect(await memberOf(rolloutId, fleet)).toMatchObject({ state: "succeeded", probes: [] });
  expect(host.said).toEqual([]);
});
