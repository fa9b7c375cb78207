import type { AgentRelease } from "@mailstead/core/agent-updates";
import type { JobArgs } from "@mailstead/core/jobs";
import type { MemberAsk, RolloutChoice, RolloutKind } from "@mailstead/core/rollouts";
import type { ExactPackage } from "@mailstead/core/updates";
import { servers, type Transaction } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { enqueueJobs } from "../jobs/index.ts";
import { type MemberRow, saveMembers } from "./save-members.ts";

interface AskingRollout {
  readonly id: string;
  readonly kind: RolloutKind;
  readonly choice: RolloutChoice;
  readonly agentRelease: AgentRelease | null;
}

const nobody: ReadonlySet<string> = new Set();

function revertsDrift({ choice }: AskingRollout): boolean {
  return choice.kind === "configurations" && choice.revertsDrift;
}

/** Servers whose settings somebody has changed since the plan: that change brings the newer configuration by itself. */
async function readOvertaken(tx: Transaction, members: readonly MemberRow[]): Promise<ReadonlySet<string>> {
  const planned = new Map(members.map(({ serverId, configuration }) => [serverId, configuration]));
  const rows = await tx
    .select({ id: servers.id, targetRevision: servers.targetRevision })
    .from(servers)
    .where(inArray(servers.id, [...planned.keys()]));
  const isOvertaken = (row: (typeof rows)[number]) =>
    row.targetRevision > (planned.get(row.id)?.targetRevision ?? row.targetRevision);
  return new Set(rows.filter(isOvertaken).map(({ id }) => id));
}

function leftBehind(member: MemberRow, now: Date): MemberRow {
  return {
    ...member,
    state: "left-out",
    stateSince: now,
    awaits: null,
    attempts: 0,
    jobId: null,
    deadlineAt: null,
    notBefore: null,
    problem:
      "Its settings were changed since this was planned, and that change brings the newer configuration.",
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
    members.map((member) =>
      overtaken.has(member.serverId)
        ? leftBehind(member, ctx.now())
        : { ...member, jobId: jobIds.get(member.serverId) ?? null },
    ),
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
