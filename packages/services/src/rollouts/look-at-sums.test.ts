import { defaultRolloutSettings } from "@mailstead/core/rollouts";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import {
  done,
  healthOf,
  openRolloutFleet,
  type RolloutFleet,
  wellBehaved,
} from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { getRollout, getRolloutMember, resumeRollout, startRollout } from "./index.ts";

let shared: TestDatabase;
let t: ServiceTest;
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServiceTest({ shared });
  await keepDeliveryPartitions(t.system);
  return () => t.close();
});
afterAll(() => shared.close());

const names = ["mail0", "mail1", "mail2", "mail3", "mail4", "mail5"];
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Counts of one server, of one hour or one minute. */
const send = async (
  table: "delivery_hours" | "delivery_minutes",
  { serverId, at, sent, deferred }: { serverId: string; at: Date; sent: number; deferred: number },
) => {
  for (const [status, attempts] of [
    ["sent", sent],
    ["deferred", deferred],
  ] as const)
    await t.database.admin.pool.query(
      `insert into ${table} (server_id, starts_at, direction, domain, sending_address, provider, status, category,
         organisation_id, tenant_id, attempts, first_attempts, over_tls, size_bytes, latencies)
       values ($1, $2, 'outbound', 'a.example', '192.0.2.1', 'gmail', $3, '', $4, $5, $6, 1, 1, 1, '{}')`,
      [serverId, at, status, t.organisationId, t.tenantId, attempts],
    );
};

/** For a week each sent so much in the hour that is now, and put off little; at night it was otherwise. */
const liveAWeek = async (fleet: RolloutFleet) => {
  for (const serverId of fleet.ids.values())
    for (let days = 1; days <= 6; days += 1) {
      const noon = new Date(t.clock.now.getTime() - days * 24 * hourMs);
      await send("delivery_hours", { serverId, at: noon, sent: 970, deferred: 30 });
      const midnight = new Date(noon.getTime() - 12 * hourMs);
      await send("delivery_hours", { serverId, at: midnight, sent: 100, deferred: 900 });
    }
};

const begin = () =>
  startRollout(t.owner, {
    title: "OpenSSL",
    choice: { kind: "sources", sourceNames: ["openssl"] },
    settings: {
      ...defaultRolloutSettings,
      canary: { ...defaultRolloutSettings.canary, serversMin: 2 },
      waves: [
        { share: 0.7, bakeTimeMs: 10 * minuteMs, needsApproval: false },
        { share: 1, bakeTimeMs: 10 * minuteMs, needsApproval: false },
      ],
    },
  });

/** Minute by minute, what servers that have the change send. */
const passSending = async (
  fleet: RolloutFleet,
  looks: number,
  shareOf: { sent: number; deferred: number },
) => {
  for (let look = 0; look < looks; look += 1) {
    const { rows } = await t.database.admin.pool.query<{ server_id: string }>(
      "select server_id from rollout_members where changed_at is not null",
    );
    const at = new Date(Math.floor(t.clock.now.getTime() / minuteMs) * minuteMs);
    for (const { server_id: serverId } of rows) await send("delivery_minutes", { serverId, at, ...shareOf });
    await fleet.pass(1);
  }
};

test("a small rise on every server, which none of them shows by itself, halts the rollout with its numbers before the next wave", async () => {
  const fleet = await openRolloutFleet(t, names);
  await liveAWeek(fleet);
  const { rolloutId } = await begin();
  await passSending(fleet, 45, { sent: 91, deferred: 9 });
  const { state, haltedBecause, sums } = await getRollout(t.owner, { rolloutId });
  expect(state).toBe("halted");
  expect(haltedBecause).toMatch(
    /^Deferred 9\.0 % of [\d,]+ attempts since the change, 3\.0 % of 12,000 before \(2 servers together\)\.$/,
  );
  expect(sums?.parts).toContainEqual(
    expect.objectContaining({ about: "deferred", kind: "worse", servers: 2 }),
  );
  const states = Object.values(await fleet.states(rolloutId));
  expect(states.filter((one) => one === "waiting")).toHaveLength(4);
  expect(states).not.toContain("restored");
  const { rows } = await t.database.admin.pool.query(
    "select sentence from check_findings where closed_at is null",
  );
  expect(rows).toEqual([{ sentence: `The rollout “OpenSSL” is halted: ${haltedBecause}` }]);

  await resumeRollout(t.owner, { rolloutId });
  await passSending(fleet, 60, { sent: 91, deferred: 9 });
  expect((await getRollout(t.owner, { rolloutId })).state).toBe("finished");
});

test("a fleet that sends as it always does at this time of day goes through, and says so", async () => {
  const fleet = await openRolloutFleet(t, names);
  await liveAWeek(fleet);
  const { rolloutId } = await begin();
  await passSending(fleet, 90, { sent: 97, deferred: 3 });
  const { state, sums } = await getRollout(t.owner, { rolloutId });
  expect(state).toBe("finished");
  expect(sums?.parts).toContainEqual(
    expect.objectContaining({ wave: null, about: "deferred", kind: "as-usual", servers: 6 }),
  );
});

test("servers that hardly sent say nothing, which stops nobody", async () => {
  const fleet = await openRolloutFleet(t, names);
  const { rolloutId } = await begin();
  await passSending(fleet, 90, { sent: 50, deferred: 50 });
  const { state, sums } = await getRollout(t.owner, { rolloutId });
  expect(state).toBe("finished");
  expect(sums?.parts.every(({ kind }) => kind === "too-few")).toBe(true);
});

test("what made a server go back is kept beside how it is since", async () => {
  const fleet = await openRolloutFleet(t, ["mail0"]);
  const { rolloutId } = await begin();
  let isChanged = false;
  fleet.answers = (order) => {
    if (order.verb === "install-updates") isChanged = true;
    if (order.verb === "roll-back-updates") isChanged = false;
    return order.verb === "check-mail" && isChanged
      ? done(healthOf("bad", "IMAP does not answer."))
      : wellBehaved(order);
  };
  await fleet.pass(30);
  const member = await getRolloutMember(t.owner, { rolloutId, serverId: fleet.ids.get("mail0") ?? "" });
  expect(member).toMatchObject({
    state: "restored",
    healthBefore: { checks: [{ state: "ok" }] },
    healthAfter: { checks: [{ state: "bad", sentence: "IMAP does not answer." }] },
    healthBack: { checks: [{ state: "ok" }] },
  });
});
