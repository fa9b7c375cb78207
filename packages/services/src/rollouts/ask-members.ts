import type { MemberAsk, RolloutKind } from "@mailstead/core/rollouts";
import type { ExactPackage } from "@mailstead/core/updates";
import type { Transaction } from "@mailstead/db";
import type { ServiceContext } from "../context/index.ts";
import { enqueueJobs } from "../jobs/index.ts";
import { type MemberRow, saveMembers } from "./save-members.ts";

/** Orders of each member's host what it awaits, and saves the members with their jobs. */
export async function askMembers(
  tx: Transaction,
  ctx: ServiceContext,
  { kind, members }: { kind: RolloutKind; members: readonly MemberRow[] },
): Promise<void> {
  const applying = asking(members, "apply");
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
      wanted: asking(members, "restore").map((member) => ({
        serverId: member.serverId,
        args: { packages: formerOf(member) },
      })),
    })),
  ]);
  await saveMembers(
    tx,
    members.map((member) => ({ ...member, jobId: jobIds.get(member.serverId) ?? null })),
  );
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
