import { createHash } from "node:crypto";
import type { AgentRelease } from "@mailstead/core/agent-updates";
import type { JobOutcome } from "@mailstead/core/jobs";
import { defaultRolloutSettings } from "@mailstead/core/rollouts";
import { type HealthCheckId, healthCheckIds, type MailHealth } from "@mailstead/core/updates";
import { jobs, rolloutMembers, rollouts, servers, serverUpdates } from "@mailstead/db";
import { and, asc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { runDueRollouts, startRollout } from "../rollouts/index.ts";
import { tellJob } from "./job-story.ts";
import { never } from "./never.ts";
import type { DemoStage } from "./tell-server.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const updates = {
  gnutls28: {
    bookworm: { name: "libgnutls30", from: "3.7.9-2+deb12u6", to: "3.7.9-2+deb12u7" },
    trixie: { name: "libgnutls30t64", from: "3.8.9-3+deb13u3", to: "3.8.9-3+deb13u4" },
  },
  dovecot: {
    bookworm: {
      name: "dovecot-core",
      from: "1:2.3.19.1+dfsg1-2.1+deb12u1",
      to: "1:2.3.19.1+dfsg1-2.1+deb12u2",
    },
    trixie: { name: "dovecot-core", from: "1:2.4.1+dfsg1-6+deb13u2", to: "1:2.4.1+dfsg1-6+deb13u3" },
  },
} as const;
type Source = keyof typeof updates;

interface Places {
  readonly person: ServiceContext;
  readonly app: Database;
  readonly installation: Installation;
}

/** Tells of rollouts that went well some days ago, of packages and of the agent, and of one that a canary has halted this hour. */
export async function tellRollouts(stage: DemoStage, places: Places): Promise<void> {
  const { clock, today } = stage;
  clock.now = new Date(today.getTime() - 6 * 24 * hourMs - 3 * hourMs);
  await tellRollout(stage, places, { source: "gnutls28", title: "Update of gnutls28", isBad: false });
  clock.now = new Date(today.getTime() - 3 * 24 * hourMs - 2 * hourMs);
  await tellAgents(stage, places);
  clock.now = new Date(today.getTime() - 50 * minuteMs);
  await tellRollout(stage, places, { source: "dovecot", title: "Update of dovecot", isBad: true });
  clock.now = today;
}

async function tellRollout(
  stage: DemoStage,
  places: Places,
  { source, title, isBad }: { source: Source; title: string; isBad: boolean },
): Promise<void> {
  const { system } = stage;
  const { person } = places;
  await tellWaiting(stage, source);
  const { rolloutId } = await startRollout(person, {
    title,
    choice: { kind: "sources", sourceNames: [source] },
    settings,
  });
  await runToRest(stage, places, { rolloutId, isBad });
  await withSystemTransaction(system, (tx) =>
    tx.delete(serverUpdates).where(eq(serverUpdates.sourceName, source)),
  );
  // No host of the demo answers, so whoever looks finds it as it was left.
  if (isBad)
    await withTransaction(person, (tx) =>
      tx.update(rollouts).set({ lookAt: never }).where(eq(rollouts.id, rolloutId)),
    );
}

const settings = { ...defaultRolloutSettings, inFlightMax: 4 };

/** The agent that the hosts run came to them by a rollout, from the one before. */
async function tellAgents(stage: DemoStage, places: Places): Promise<void> {
  const [told] = await withSystemTransaction(stage.system, (tx) =>
    tx.select({ facts: servers.facts }).from(servers).where(isNotNull(servers.facts)).limit(1),
  );
  const version = told?.facts?.agentVersion ?? "";
  await withSystemTransaction(stage.system, (tx) =>
    tx
      .update(servers)
      .set({ facts: sql`${servers.facts} || ${JSON.stringify({ agentVersion: formerAgent })}::jsonb` })
      .where(
        and(isNotNull(servers.installRequestedAt), isNotNull(servers.facts), isNotNull(servers.gatewayId)),
      ),
  );
  const release: AgentRelease = {
    version,
    manifestDigest: createHash("sha256").update(version).digest("hex"),
    number: Math.floor(stage.clock.now.getTime() / 1000),
    expiresUnixSeconds: Number.MAX_SAFE_INTEGER,
    platforms: ["linux-arm64", "linux-x64"],
    rollsBackFrom: null,
  };
  const agentReleases = { newest: async () => release, offered: async () => null };
  const person = { ...places.person, installation: { ...places.installation, agentReleases } };
  const { rolloutId } = await startRollout(person, {
    title: "Update of the agent",
    choice: { kind: "agents" },
    settings,
  });
  await runToRest(stage, places, { rolloutId, isBad: false });
}

const formerAgent = "0.0.9";

/** Has the worker look and hosts answer until nothing moves any more. */
async function runToRest(
  stage: DemoStage,
  { person, app, installation }: Places,
  { rolloutId, isBad }: { rolloutId: string; isBad: boolean },
): Promise<void> {
  const { clock, system } = stage;
  const changed = new Set<string>();
  for (let looks = 0; looks < 300; looks += 1) {
    const { failed } = await runDueRollouts(system, { app, installation });
    for (const { cause } of failed) throw cause;
    const answered = await answerAll(stage, rolloutId, { person, changed, isBad });
    if (answered === 0 && (await readState(person, rolloutId)) !== "running") break;
    clock.now = new Date(clock.now.getTime() + minuteMs);
  }
}

/** What the hosts that are up tell of what waits there. */
async function tellWaiting({ system }: DemoStage, source: Source): Promise<void> {
  await withSystemTransaction(system, async (tx) => {
    const found = await tx
      .select()
      .from(servers)
      .where(
        and(isNotNull(servers.installRequestedAt), isNotNull(servers.facts), isNotNull(servers.gatewayId)),
      )
      .orderBy(asc(servers.name));
    await tx.insert(serverUpdates).values(
      found.flatMap(({ id, organisationId, tenantId, facts }) => {
        if (facts === null) return [];
        const { name, from, to } = updates[source][facts.suite];
        return {
          ...{ serverId: id, organisationId, tenantId, name, fromVersion: from, toVersion: to },
          architecture: "amd64",
          origin: "Debian-Security",
          isSecurity: true,
          urgency: "high" as const,
          cves: [],
          sourceName: source,
          isLead: true,
        };
      }),
    );
  });
}

function readState(person: ServiceContext, rolloutId: string) {
  return withTransaction(person, async (tx) => {
    const [row] = await tx.select().from(rollouts).where(eq(rollouts.id, rolloutId));
    return row?.state;
  });
}

/** Has every host answer what it was asked, and says how many that were. */
async function answerAll(
  stage: DemoStage,
  rolloutId: string,
  { person, changed, isBad }: { person: ServiceContext; changed: Set<string>; isBad: boolean },
): Promise<number> {
  const asked = await withTransaction(person, (tx) =>
    tx
      .select({ id: jobs.id, verb: jobs.verb, serverId: jobs.serverId, packages: rolloutMembers.packages })
      .from(rolloutMembers)
      .innerJoin(jobs, eq(jobs.id, rolloutMembers.jobId))
      .where(
        and(
          eq(rolloutMembers.rolloutId, rolloutId),
          isNull(jobs.endedAt),
          inArray(jobs.verb, ["check-mail", "install-updates", "roll-back-updates", "update-agent"]),
        ),
      ),
  );
  for (const { id, verb, serverId, packages } of asked) {
    if (verb === "install-updates") changed.add(serverId);
    if (verb === "roll-back-updates") changed.delete(serverId);
    const agentVersion = verb === "update-agent" ? packages[0]?.version : undefined;
    if (agentVersion !== undefined)
      await withSystemTransaction(stage.system, (tx) =>
        tx
          .update(servers)
          .set({ facts: sql`${servers.facts} || ${JSON.stringify({ agentVersion })}::jsonb` })
          .where(eq(servers.id, serverId)),
      );
    const outcome: JobOutcome = {
      kind: "succeeded",
      result:
        verb === "check-mail"
          ? healthOf(isBad && changed.has(serverId), stage.chance.between(0, 6))
          : agentVersion !== undefined
            ? { version: agentVersion, tookMs: stage.chance.between(30_000, 50_000) }
            : {
                changes: packages.map(({ name, architecture, from, version }) =>
                  verb === "install-updates"
                    ? { name, architecture, from, to: version }
                    : { name, architecture, from: version, to: from },
                ),
                keptConffiles: [],
                withoutWayBack: [],
                rebuiltWayBack: [],
                outdatedUnits: [],
                isRebootRequired: false,
                tookMs: stage.chance.between(9_000, 40_000),
              },
    };
    await tellJob(stage.system, id, { tookMs: verb === "check-mail" ? 1_900 : 21_000, lines: [], outcome });
  }
  return asked.length;
}

const well: Readonly<Record<HealthCheckId, string>> = {
  units: "All services of the stack run.",
  greeting: "Port 25 greets with the name of the host.",
  certificate: "STARTTLS and TLS serve the certificate that they ought to.",
  "sign-in": "Signing in works at submission and at IMAP.",
  loopback: "A letter came from submission to the mailbox in 1.4 s.",
  signature: "The DKIM signature of that letter verifies.",
  packages: "dpkg has nothing half done.",
  outside: "Port 25 greets and begins TLS.",
};
const broken: Readonly<Partial<Record<HealthCheckId, string>>> = {
  "sign-in": "Port 993 refuses a password that is right: Internal authentication failure.",
  loopback: "A letter that was handed in did not come to the mailbox within 30 s.",
};

function healthOf(isBroken: boolean, queueMessages: number): MailHealth {
  return {
    checks: healthCheckIds.map((id) => {
      const bad = isBroken ? broken[id] : undefined;
      return {
        id,
        state: bad === undefined ? "ok" : "bad",
        sentence: bad ?? well[id],
        faults: bad === undefined ? [] : ["993"],
      };
    }),
    figures: { queueMessages, recent: { sent: 48, deferred: isBroken ? 6 : 2, bounced: 0, rejected: 9 } },
    tookMs: 1_900,
  };
}
