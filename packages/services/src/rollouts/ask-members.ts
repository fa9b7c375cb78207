import type { AgentRelease } from "@mailstead/core/agent-updates";
import type { JobArgs } from "@mailstead/core/jobs";
import {
  configurationVersion,
  type MemberAsk,
  type RolloutChoice,
  type RolloutKind,
} from "@mailstead/core/rollouts";
import type { ExactPackage } from "@mailstead/core/updates";
import { servers, type Transaction } from "@mailstead/db";
import { inArray, sql } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { enqueueJobs } from "../jobs/index.ts";
import { type MemberRow, saveMembers } from "./save-members.ts";

interface AskingRollout {
  readonly id: string;
  readonly kind: RolloutKind;
  readonly choice: RolloutChoice;
  readonly agentRelease: AgentRelease | null;
}

const nobody: ReadonlyMap<string, string> = new Map();

function revertsDrift({ choice }: AskingRollout): boolean {
  return choice.kind === "configurations" && choice.revertsDrift;
}

/** Why servers are no more what they were when a configuration was planned for them. */
async function readOvertaken(
  tx: Transaction,
  members: readonly MemberRow[],
): Promise<ReadonlyMap<string, string>> {
  const planned = new Map(members.map((member) => [member.serverId, member]));
  const rows = await tx
    .select({
      id: servers.id,
      targetRevision: servers.targetRevision,
      agentVersion: sql<string>`coalesce(${servers.facts} ->> 'agentVersion', '')`,
    })
    .from(servers)
    .where(inArray(servers.id, [...planned.keys()]));
  return new Map(
    rows.flatMap(({ id, ...now }) => {
      const member = planned.get(id);
      const because = member === undefined ? null : overtakenBy(member, now);
      return because === null ? [] : [[id, because] as const];
    }),
  );
}

function overtakenBy(
  { configuration, packages: [planned] }: MemberRow,
  now: { targetRevision: number; agentVersion: string },
): string | null {
  if (configuration !== null && now.targetRevision > configuration.targetRevision)
    return "Its settings were changed since this was planned, and that change brings the newer configuration.";
  if (planned !== undefined && planned.version !== configurationVersion(now.agentVersion))
    return `It runs agent ${now.agentVersion} and ran another when this was planned, so no canary has proven what would be written.`;
  return null;
}

function leftBehind(member: MemberRow, { problem, now }: { problem: string; now: Date }): MemberRow {
  return {
    ...member,
    state: "left-out",
    stateSince: now,
    awaits: null,
    attempts: 0,
    jobId: null,
    deadlineAt: null,
    notBefore: null,
    problem,
  };
}

/** Orders of each member's host what it awaits, and saves the members with their jobs. */
export async function askMembers(
  tx: Transaction,
  ctx: ServiceContext,
  { rollout, members }: { rollout: AskingRollout; members: readonly MemberRow[] },
): Promise<void> {
  const { id: rolloutId, kind, agentRelease } = rollout;
  const overtaken = kind === "configurations" ? await readOvertaken(tx, asking(members, "apply")) : nobody;
  const applying = asking(members, "apply").filter(({ serverId }) => !overtaken.has(serverId));
  const restoring = asking(members, "restore");
  const restoresConfiguration = kind === "configurations";
  const jobIds = new Map([
    ...(await enqueueJobs(tx, ctx, {
      verb: "check-mail",
      wanted: asking(members, "check").map(({ serverId }) => ({ serverId, args: {} })),
    })),
    ...(await enqueueJobs(tx, ctx, {
      verb: "reboot-host",
      wanted: kind === "reboots" ? applying.map(({ serverId }) => ({ serverId, args: {} })) : [],
    })),
    ...(await enqueueJobs(tx, ctx, {
      verb: "update-agent",
      wanted:
        agentRelease === null
          ? []
          : applying.map(({ serverId }) => ({ serverId, args: orderOf(agentRelease) })),
    })),
    ...(await enqueueJobs(tx, ctx, {
      verb: "install-updates",
      wanted: (kind === "packages" ? applying : []).map(({ serverId, packages }) => ({
        serverId,
        args: {
          packages: packages.map(({ name, architecture, version }) => ({ name, architecture, version })),
        },
      })),
    })),
    ...(await enqueueJobs(tx, ctx, {
      verb: "roll-back-updates",
      wanted: (restoresConfiguration ? [] : restoring).map((member) => ({
        serverId: member.serverId,
        args: { packages: formerOf(member) },
      })),
    })),
    ...(await enqueueJobs(tx, ctx, {
      verb: "apply-configuration",
      wanted: applying.flatMap(({ serverId, configuration }) => {
        if (configuration === null) return [];
        const { targetRevision, targetDigest } = configuration;
        const args = {
          targetRevision,
          targetDigest,
          revertsDrift: revertsDrift(rollout),
          formerId: rolloutId,
        };
        return { serverId, args };
      }),
    })),
    ...(await enqueueJobs(tx, ctx, {
      verb: "restore-configuration",
      wanted: (restoresConfiguration ? restoring : []).map(({ serverId }) => ({
        serverId,
        args: { formerId: rolloutId },
      })),
    })),
  ]);
  await saveMembers(
    tx,
    members.map((member) => {
      const problem = overtaken.get(member.serverId);
      return problem === undefined
        ? { ...member, jobId: jobIds.get(member.serverId) ?? null }
        : leftBehind(member, { problem, now: ctx.now() });
    }),
  );
}

function orderOf({ version, manifestDigest }: AgentRelease): JobArgs<"update-agent"> {
  return { version, manifestDigest };
}

function asking(members: readonly MemberRow[], ask: MemberAsk): readonly MemberRow[] {
  return members.filter(({ awaits }) => awaits === ask);
}

/** What was there before: by what the host says it changed, and where it did not come to that, by what it had as the rollout was planned. */
function formerOf({ packages, changes }: MemberRow): ExactPackage[] {
  const told = new Map(changes?.map((change) => [`${change.name} ${change.architecture}`, change.from]));
  return packages.flatMap(({ name, architecture, from }) => {
    const key = `${name} ${architecture}`;
    const version = told.has(key) ? (told.get(key) ?? null) : from;
    return version === null ? [] : { name, architecture, version };
  });
}
