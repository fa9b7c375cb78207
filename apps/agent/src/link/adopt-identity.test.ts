import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobVerb } from "@mailstead/core/jobs";
import type { AgentFrame } from "@mailstead/core/wire";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createJobRunner } from "../jobs/job-runner.ts";
import { openJournal } from "../journal/journal.ts";
import { readApplied, rememberApplied } from "../reconcile/target-documents.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget, signOrder } from "../testing/test-identity.ts";
import { adoptIdentity } from "./adopt-identity.ts";
import { type Identity, readIdentity } from "./identity.ts";

const identityPath = "/etc/mailstead/identity.json";
const { identity, signingKeys } = makeIdentity();
const otherServer: Identity = { ...identity, serverId: "0198a5e0-0000-7000-8000-0000000000ff" };

let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "adopt-")));
});
afterEach(() => rmSync(host.root, { recursive: true, force: true }));

const jobIdOf = (number: number) => `0198a5e0-0000-7000-8000-${String(number).padStart(12, "0")}`;

/** An agent of this identity that takes one order, and the verbs that it ran by then; the last of them never ends. */
async function takeOrder(as: Identity, { sequence, verb }: { sequence: number; verb: JobVerb }) {
  const said: AgentFrame[] = [];
  const ran: string[] = [];
  const journal = openJournal(host.path("/var/lib/mailstead/journal"), { nowUnixMs: host.nowUnixMs });
  const jobs = createJobRunner({
    identity: as,
    journal,
    ownerPolicyPath: host.path("/etc/mailstead/policy.json"),
    nowUnixMs: host.nowUnixMs,
    clockOffsetMs: () => 0,
    send: (frame) => said.push(frame) > 0,
    runner: {
      run: ({ order }) => {
        ran.push(`${order.verb} of ${order.serverId}`);
        return new Promise(() => undefined);
      },
      settle: async () => "run-again",
      takeBack: async () => null,
    },
  });
  jobs.resume();
  const order = {
    formatVersion: 1,
    jobId: jobIdOf(as === identity ? sequence : 100 + sequence),
    serverId: as.serverId,
    sequence,
    verb,
    args: { service: "postfix" },
    issuedAtUnixMs: host.nowUnixMs(),
    expiresAtUnixMs: host.nowUnixMs() + 3_600_000,
  } as const;
  await jobs.take(signOrder(order, signingKeys));
  await vi.waitFor(() => expect(said.length).toBeGreaterThan(0));
  journal.close();
  return { answer: said.find((frame) => frame.type !== "job-progress"), ran };
}

it("a copy of a host that is enrolled by itself takes nothing over from the server it was copied from", async () => {
  await adoptIdentity(host, identity);
  await takeOrder(identity, { sequence: 2, verb: "restart-service" });
  await rememberApplied(host, makeTarget().target);
  host.write("/var/lib/mailstead/session-counter", "7\n");

  await adoptIdentity(host, otherServer);
  expect(await readIdentity(host.path(identityPath), identity.machineId)).toEqual(otherServer);
  expect(await readApplied(host)).toBeNull();
  expect(host.read("/var/lib/mailstead/session-counter")).toBeNull();
  const { answer, ran } = await takeOrder(otherServer, { sequence: 2, verb: "restart-service" });
  expect(answer).toMatchObject({ type: "job-accepted" });
  expect(ran).toEqual([`restart-service of ${otherServer.serverId}`]);
});

it("a host that is enrolled again as the same server still knows which orders it has had", async () => {
  await adoptIdentity(host, identity);
  await takeOrder(identity, { sequence: 2, verb: "restart-service" });
  await rememberApplied(host, makeTarget().target);
  await adoptIdentity(host, { ...identity, agentId: jobIdOf(9) });
  expect(await readApplied(host)).not.toBeNull();
  const journal = openJournal(host.path("/var/lib/mailstead/journal"), { nowUnixMs: host.nowUnixMs });
  expect([...journal.ledger.sequences.keys()]).toEqual([2]);
  journal.close();
});

it("what Mailstead wrote on a copied host is still known as its own, whatever server it becomes", async () => {
  await adoptIdentity(host, identity);
  await takeOrder(identity, { sequence: 1, verb: "restart-service" });
  host.write("/var/lib/mailstead/applied.json", "{}");
  await adoptIdentity(host, otherServer);
  expect(host.read("/var/lib/mailstead/applied.json")).toBe("{}");
});

it.each([
  ["of another host", { ...identity, machineId: "1".repeat(32) }],
  ["that is damaged", { formatVersion: 1 }],
])("an identity %s says how this host gets one of its own", async (_what, stored) => {
  host.write(identityPath, JSON.stringify(stored));
  await expect(readIdentity(host.path(identityPath), identity.machineId)).rejects.toThrow(
    /Run `mailstead-agent uninstall` here, then the command that the dashboard shows for this host\.$/,
  );
});
