import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manifestText, withSignature } from "@mailstead/core/agent-updates";
import { defaultRolloutSettings, type RolloutSettings } from "@mailstead/core/rollouts";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { agentReleasesIn } from "../context/index.ts";
import { done, failed, healthOf, openRolloutFleet, wellBehaved } from "../testing/rollout-fleet.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { getRollout, getRolloutMember, previewRollout, rollBackRollout, startRollout } from "./index.ts";

let shared: TestDatabase;
let t: ServiceTest;
let folder: string;
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServiceTest({ shared });
  folder = mkdtempSync(join(tmpdir(), "releases-"));
  return async () => {
    rmSync(folder, { recursive: true });
    await t.close();
  };
});
afterAll(() => shared.close());

const choice = { kind: "agents" } as const;
const settings: RolloutSettings = {
  ...defaultRolloutSettings,
  waves: [
    { share: 0.5, bakeTimeMs: 60_000, needsApproval: false },
    { share: 1, bakeTimeMs: 60_000, needsApproval: false },
  ],
};

/** Offers a version to hosts, as the newest one unless it is said to be old. */
function offer(
  version: string,
  {
    number,
    rollsBackFrom = null,
    isNewest = true,
    expires = 9_000_000_000,
  }: Partial<Offer> & { number: number },
): void {
  const file = { file: `${version}/agent.gz`, sha256: "ab".repeat(32), sizeBytes: 52 };
  const text = manifestText({
    ...{ version, number, expires, rollsBackFrom, channel: "stable", created: 1, unattendedFrom: 2 },
    updater: file,
    agents: { "linux-x64": file },
  });
  const signed = withSignature(text, `${"A".repeat(86)}==`);
  mkdirSync(join(folder, version), { recursive: true });
  writeFileSync(join(folder, version, "agent-manifest"), signed);
  if (isNewest) writeFileSync(join(folder, "agent-manifest"), signed);
}
interface Offer {
  rollsBackFrom: readonly string[] | null;
  isNewest: boolean;
  expires: number;
}

const person = () => ({
  ...t.owner,
  installation: { ...t.installation, agentReleases: agentReleasesIn(folder) },
});
const begin = (changed: Partial<RolloutSettings> = {}) =>
  startRollout(person(), { title: "Agents", choice, settings: { ...settings, ...changed } });
const told = (name: string, facts: object) =>
  t.database.admin.pool.query("update servers set facts = facts || $2 where name = $1", [name, facts]);

describe("a rollout of agents", () => {
  test("brings every server to the version and the manifest that were offered as it started, whatever is offered since", async () => {
    const fleet = await openRolloutFleet(t, ["mail0", "mail1", "mail2", "mail3"]);
    offer("0.2.0", { number: 7 });
    const { rolloutId } = await begin();
    offer("0.3.0", { number: 8 });
    await fleet.pass(60);
    expect(Object.values(await fleet.states(rolloutId))).toEqual(Array(4).fill("succeeded"));
    const orders = fleet.orders.filter(({ verb }) => verb === "update-agent");
    expect(orders.map(({ args }) => args)).toEqual(
      Array(4).fill({ version: "0.2.0", manifestDigest: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    );
    expect(await getRollout(person(), { rolloutId })).toMatchObject({
      state: "finished",
      kind: "agents",
      packages: [{ name: "mailstead-agent", from: "0.1.0", version: "0.2.0" }],
      withoutWayBack: 4,
      canGoBack: 0,
    });
  });

  test("says beforehand who runs what, who has it already, and that no way leads back by us", async () => {
    await openRolloutFleet(t, ["mail0", "mail1", "mail2", "mail3", "mail4"]);
    offer("0.2.0", { number: 7 });
    offer("0.4.0", { number: 9, isNewest: false });
    await told("mail1", { agentVersion: "0.2.0" });
    await told("mail2", { architecture: "arm64" });
    await told("mail3", { agentVersion: "0.4.0" });
    const preview = await previewRollout(person(), { choice, settings });
    expect(preview.agents[0]).toEqual({ version: "0.1.0", servers: 3 });
    expect(new Set(preview.agents.slice(1))).toEqual(
      new Set([
        { version: "0.2.0", servers: 1 },
        { version: "0.4.0", servers: 1 },
      ]),
    );
    expect(preview.packages).toEqual([{ name: "mailstead-agent", version: "0.2.0", servers: 2 }]);
    expect(preview.withoutWayBack).toMatchObject([
      { servers: 2, reason: expect.stringMatching(/^No way back by us: the updater goes back by itself/) },
    ]);
    expect(Object.fromEntries(preview.leftOut.map(({ because, names }) => [names.join(), because]))).toEqual({
      mail1: "It runs agent 0.2.0 already.",
      mail2: "The release 0.2.0 has no agent for linux-arm64.",
      mail3:
        "It runs agent 0.4.0, which is newer than 0.2.0, and no signed rollback says that it may go back.",
    });
  });

  test("halts when the updater of a canary has gone back by itself, says so, and no other server saw it", async () => {
    const fleet = await openRolloutFleet(t, ["mail0", "mail1", "mail2"]);
    offer("0.2.0", { number: 7 });
    const { rolloutId } = await begin();
    const sentence =
      "Agent 0.2.0 was taken back, because it had not connected within 600 seconds; agent 0.1.0 runs again.";
    fleet.answers = (order) => (order.verb === "update-agent" ? failed(sentence) : wellBehaved(order));
    await fleet.pass(20);
    expect(Object.values(await fleet.states(rolloutId)).toSorted()).toEqual(["failed", "waiting", "waiting"]);
    const { rows } = await t.database.admin.pool.query(
      "select server_id, problem from rollout_members where state = 'failed'",
    );
    expect(rows[0].problem).toBe(sentence);
    expect(await getRollout(person(), { rolloutId })).toMatchObject({ state: "halted" });
    expect(fleet.orders.filter(({ verb }) => verb === "update-agent")).toHaveLength(1);
  });

  test("holds nobody for done who is not connected as that version, and counts who never is as unknown", async () => {
    const fleet = await openRolloutFleet(t, ["mail0"]);
    offer("0.2.0", { number: 7 });
    const { rolloutId } = await begin();
    fleet.answers = (order) => (order.verb === "update-agent" ? null : wellBehaved(order));
    await fleet.pass(3);
    await t.database.admin.pool.query(
      "update jobs set state = 'succeeded', ended_at = now(), outcome = $1 where verb = 'update-agent'",
      [done({ version: "0.2.0", tookMs: 1 })],
    );
    await fleet.pass(10);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "applying" });
    await fleet.pass(4, 3600);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "unknown" });
    await told("mail0", { agentVersion: "0.2.0" });
    await fleet.pass(20);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "succeeded" });
  });

  test("leaves a server whose mail suffers as it is, since nothing could be ordered back, and says why", async () => {
    const fleet = await openRolloutFleet(t, ["mail0", "mail1"]);
    offer("0.2.0", { number: 7 });
    const { rolloutId } = await begin();
    let isUpdated = false;
    fleet.answers = (order) => {
      if (order.verb === "update-agent") isUpdated = true;
      return order.verb === "check-mail" && isUpdated
        ? done(healthOf("bad", "IMAP is gone."))
        : wellBehaved(order);
    };
    await fleet.pass(30);
    expect(Object.values(await fleet.states(rolloutId)).toSorted()).toEqual(["failed", "waiting"]);
    const serverId = fleet.ids.get(fleet.orders[0]?.server ?? "") ?? "";
    expect(await getRolloutMember(person(), { rolloutId, serverId })).toMatchObject({
      hasWayBack: false,
      problem: "Its mail is not well after the change: IMAP is gone.",
      changes: [{ name: "mailstead-agent", architecture: "amd64", from: "0.1.0", to: "0.2.0" }],
    });
    await rollBackRollout(person(), { rolloutId });
    await fleet.pass(5);
    expect(fleet.orders.some(({ verb }) => verb === "roll-back-updates")).toBe(false);
  });

  test("goes back by a signed rollback, to servers with what it names alone", async () => {
    const fleet = await openRolloutFleet(t, ["mail0", "mail1"]);
    offer("0.3.0", { number: 8, isNewest: false });
    offer("0.2.0", { number: 9, rollsBackFrom: ["0.3.0"] });
    await told("mail0", { agentVersion: "0.3.0" });
    const { rolloutId } = await begin();
    await fleet.pass(60);
    expect(await fleet.states(rolloutId)).toEqual({ mail0: "succeeded", mail1: "left-out" });
    expect(fleet.orders.find(({ verb }) => verb === "update-agent")?.args.version).toBe("0.2.0");
  });

  test("does not begin while no host could take anything, and says what to do", async () => {
    await openRolloutFleet(t, ["mail0"]);
    await expect(startRollout(t.owner, { title: "Agents", choice, settings })).rejects.toThrow(
      /RELEASES_DIR is not set/,
    );
    await expect(begin()).rejects.toThrow("The agent is still being built. Look again in a minute.");
    offer("0.2.0", { number: 7, expires: 1_000 });
    await expect(begin()).rejects.toThrow(/^The manifest of agent 0\.2\.0 has expired/);
    offer("0.1.0", { number: 7 });
    await expect(begin()).rejects.toThrow("No server is left to be changed. It runs agent 0.1.0 already.");
  });
});
