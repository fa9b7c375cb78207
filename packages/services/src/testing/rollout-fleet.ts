import type { JobOutcome } from "@mailstead/core/jobs";
import type { HealthCheck, MailHealth } from "@mailstead/core/updates";
import { serverUpdates } from "@mailstead/db";
import { makeGateway } from "@mailstead/db/factories";
import { runDueRollouts } from "../rollouts/index.ts";
import { addServer } from "../servers/index.ts";
import type { ServiceTest } from "./service-test.ts";
import { testFacts } from "./test-facts.ts";

export interface FleetOrder {
  readonly server: string;
  readonly verb: string;
  readonly args: {
    packages?: readonly { name: string; version: string }[];
    version?: string;
    targetRevision?: number;
    revertsDrift?: boolean;
    formerId?: string;
  };
}

/** What a host of the fleet answers; null when it says nothing. */
export type FleetAnswers = (order: FleetOrder) => JobOutcome | null;

export const done = (result: unknown): JobOutcome => ({ kind: "succeeded", result });
export const failed = (problem: string, retry: "temporary" | "permanent" = "permanent"): JobOutcome => ({
  kind: "failed",
  problem,
  retry,
});

/** What a host says of its mail. */
export function healthOf(state: HealthCheck["state"] = "ok", sentence = "Mail came through."): MailHealth {
  return {
    checks: [{ id: "loopback", state, sentence, faults: state === "bad" ? ["imap"] : [] }],
    figures: { queueMessages: 0, recent: null },
    tookMs: 900,
  };
}

/** Every host is well, and does what it is told. */
export const wellBehaved: FleetAnswers = ({ verb, args }) => {
  switch (verb) {
    case "check-mail":
      return done(healthOf());
    case "reboot-host":
      return done({ kernelBefore: "6.12.0", kernelAfter: "6.12.1", tookMs: 20_000 });
    case "update-agent":
      return done({ version: args.version, tookMs: 30_000 });
    case "apply-configuration":
      return done({
        stepsApplied: 1,
        changedPaths: ["/etc/postfix/main.cf"],
        withoutWayBack: [],
        tookMs: 900,
      });
    case "restore-configuration":
      return done({ changedPaths: ["/etc/postfix/main.cf"], revision: 1, tookMs: 900 });
    default:
      return done({
        changes: (args.packages ?? []).map(({ name, version }) => ({
          name,
          architecture: "amd64",
          from: "1.0-1",
          to: version,
        })),
        keptConffiles: [],
        withoutWayBack: [],
        rebuiltWayBack: [],
        outdatedUnits: [],
        isRebootRequired: false,
        tookMs: 900,
      });
  }
};

/** Servers that are there in the rows alone, and answer what a test has them answer. */
export interface RolloutFleet {
  readonly ids: ReadonlyMap<string, string>;
  answers: FleetAnswers;
  /** Every order that was answered, in its order. */
  readonly orders: FleetOrder[];
  setOnline(name: string, isOnline: boolean): Promise<void>;
  /** Has the worker look, hosts answer, and some time pass, again and again. */
  pass(looks: number, secondsEach?: number): Promise<void>;
  states(rolloutId: string): Promise<Record<string, string>>;
}

/** Adds servers on which `openssl` waits, from 1.0-1 to 1.0-2, and whatever else is said. */
export async function openRolloutFleet(
  t: ServiceTest,
  names: readonly string[],
  {
    tenantId = t.tenantId,
    suiteOf = () => "trixie" as const,
  }: { tenantId?: string; suiteOf?: (name: string) => "bookworm" | "trixie" } = {},
): Promise<RolloutFleet> {
  const { admin } = t.database;
  const gateway = await makeGateway(admin);
  const ids = new Map<string, string>();
  for (const name of names) {
    const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
    ids.set(name, serverId);
    await admin.pool.query(
      `update servers set gateway_id = $2, enrolment_state = 'enrolled', facts = $3, facts_at = $4, install_requested_at = $4
        where id = $1`,
      [serverId, gateway.id, testFacts({ suite: suiteOf(name), hostname: name }), t.clock.now],
    );
    await admin.query.insert(serverUpdates).values({
      serverId,
      organisationId: t.organisationId,
      tenantId,
      name: "openssl",
      architecture: "amd64",
      fromVersion: "1.0-1",
      toVersion: "1.0-2",
      origin: "Debian-Security:13/stable-security",
      isSecurity: true,
      urgency: "high",
      cves: ["CVE-2026-1000"],
      sourceName: "openssl",
      isLead: true,
    });
  }
  const worker = { app: t.database.app, installation: t.installation };
  const fleet: RolloutFleet = {
    ids,
    answers: wellBehaved,
    orders: [],
    async setOnline(name, isOnline) {
      await admin.pool.query("update servers set gateway_id = $2 where id = $1", [
        ids.get(name),
        isOnline ? gateway.id : null,
      ]);
    },
    async pass(looks, secondsEach = 60) {
      for (let look = 0; look < looks; look += 1) {
        const { failed: broken } = await runDueRollouts(t.system, worker);
        for (const { cause } of broken) throw cause;
        await answerOrders();
        t.clock.now = new Date(t.clock.now.getTime() + secondsEach * 1000);
      }
    },
    async states(rolloutId) {
      const { rows } = await admin.pool.query<{ name: string; state: string }>(
        `select s.name, m.state from rollout_members m join servers s on s.id = m.server_id
          where m.rollout_id = $1 order by s.name`,
        [rolloutId],
      );
      return Object.fromEntries(rows.map(({ name, state }) => [name, state]));
    },
  };

  async function answerOrders(): Promise<void> {
    const { rows } = await admin.pool.query<FleetOrder & { id: string }>(
      `select j.id, s.name as server, j.verb, j.args from jobs j join servers s on s.id = j.server_id
        where j.ended_at is null and s.gateway_id is not null
          and j.verb in ('check-mail', 'install-updates', 'roll-back-updates', 'reboot-host', 'update-agent',
            'apply-configuration', 'restore-configuration') order by j.created_at, j.id`,
    );
    for (const { id, ...order } of rows) {
      const outcome = fleet.answers(order);
      if (outcome === null) continue;
      fleet.orders.push(order);
      if (order.verb === "update-agent" && outcome.kind === "succeeded")
        await admin.pool.query("update servers set facts = facts || $2 where name = $1", [
          order.server,
          { agentVersion: order.args.version },
        ]);
      await admin.pool.query("update jobs set state = $2, outcome = $3, ended_at = $4 where id = $1", [
        id,
        outcome.kind,
        JSON.stringify(outcome),
        t.clock.now,
      ]);
    }
  }
  return fleet;
}
