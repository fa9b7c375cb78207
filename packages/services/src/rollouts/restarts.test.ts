import { defaultRolloutSettings } from "@mailstead/core/rollouts";
import { serverInventories } from "@mailstead/db";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { openRolloutFleet, type RolloutFleet } from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { excludeServers, startRollout } from "./index.ts";

let shared: TestDatabase;
let t: ServiceTest;
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServiceTest({ shared });
  return () => t.close();
});
afterAll(() => shared.close());

describe("a rollout of restarts", () => {
  const waitForRestart = (fleet: RolloutFleet) =>
    Promise.all(
      [...fleet.ids.values()].map((serverId) =>
        t.database.admin.query.insert(serverInventories).values({
          serverId,
          organisationId: t.organisationId,
          tenantId: t.tenantId,
          runningKernel: "6.12.0",
          newestKernel: "6.12.1",
          isRebootRequired: true,
          rebootPackages: [],
          outdatedUnits: [],
          isRestartDue: true,
          agentVersion: "0.1.0",
          changelogs: "read",
          areUpdatesKnown: true,
          untoldPackages: 0,
          toldAt: t.clock.now,
        }),
      ),
    );
  const restart = () =>
    startRollout(t.owner, {
      title: "Restarts",
      choice: { kind: "reboots" },
      settings: {
        ...defaultRolloutSettings,
        waves: [{ share: 1, bakeTimeMs: 60_000, needsApproval: false }],
      },
    });
  const told = (name: string, facts: object) =>
    t.database.admin.pool.query("update servers set facts = facts || $2 where name = $1", [name, facts]);

  test("has one server of a customer start anew at a time, and looks at its mail before and after", async () => {
    const fleet = await openRolloutFleet(t, ["mail0", "mail1", "mail2", "mail3"]);
    await waitForRestart(fleet);
    const { rolloutId } = await restart();
    const busyAtOnce: number[] = [];
    const waits = new Set<string>();
    for (let look = 0; look < 60; look += 1) {
      await fleet.pass(1);
      const { rows } = await t.database.admin.pool.query(
        "select waits_because from rollout_members where waits_because is not null and state = 'waiting'",
      );
      for (const row of rows) waits.add(row.waits_because);
      const states = Object.values(await fleet.states(rolloutId));
      busyAtOnce.push(states.filter((state) => ["checking", "applying", "verifying"].includes(state)).length);
    }
    expect(Math.max(...busyAtOnce)).toBe(1);
    for (const sentence of waits)
      expect(sentence).toMatch(/^mail\d, of the same customer, is being changed\.$/);
    expect(waits.size).toBeGreaterThan(1);
    expect(Object.values(await fleet.states(rolloutId))).toEqual(
      Array.from({ length: 4 }, () => "succeeded"),
    );
    const ofOne = fleet.orders.filter(({ server }) => server === "mail0").map(({ verb }) => verb);
    expect(ofOne).toEqual(["check-mail", "reboot-host", "check-mail", "check-mail"]);
  });

  test("is not held up by a server of the same customer that was left out beforehand", async () => {
    const fleet = await openRolloutFleet(t, ["mail0", "mail1", "mail2"]);
    await waitForRestart(fleet);
    const serverIds = [fleet.ids.get("mail2") ?? ""];
    await excludeServers(t.owner, { serverIds, reason: "It is being moved.", endsAt: null });
    const { rolloutId } = await restart();
    await fleet.pass(60);
    expect(await fleet.states(rolloutId)).toEqual({
      mail0: "succeeded",
      mail1: "succeeded",
      mail2: "left-out",
    });
  });

  test("waits while a server's queue is full, and says so", async () => {
    const fleet = await openRolloutFleet(t, ["mail0"]);
    await waitForRestart(fleet);
    await told("mail0", { queueSizeMessages: 900 });
    const { rolloutId } = await restart();
    await fleet.pass(5);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "waiting" });
    const { rows } = await t.database.admin.pool.query("select waits_because from rollout_members");
    expect(rows[0].waits_because).toMatch(/^900 messages wait in its mail queue/);
    await told("mail0", { queueSizeMessages: 3 });
    await fleet.pass(60);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "succeeded" });
  });

  test("waits while a server sends in bulk", async () => {
    const fleet = await openRolloutFleet(t, ["mail0"]);
    await waitForRestart(fleet);
    await keepDeliveryPartitions(t.system);
    await t.database.admin.pool.query(
      `insert into delivery_minutes (server_id, starts_at, direction, domain, sending_address, provider, status, category,
         organisation_id, tenant_id, attempts, first_attempts, over_tls, size_bytes, latencies)
       values ($1, $2, 'outbound', 'a.example', '192.0.2.1', 'gmail', 'sent', '', $3, $4, 900, 900, 900, 1, '{}')`,
      [fleet.ids.get("mail0"), t.clock.now, t.organisationId, t.tenantId],
    );
    const { rolloutId } = await restart();
    await fleet.pass(3);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "waiting" });
    await fleet.pass(60);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "succeeded" });
  });
});
