import type { MemberState, PlannedConfiguration, PlannedPackage } from "@mailstead/core/rollouts";
import type { MailHealth, PackageChange } from "@mailstead/core/updates";
import { type KeptProbe, rolloutMembers, servers, tenants } from "@mailstead/db";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";

const memberInput = z.object({ rolloutId: z.uuid(), serverId: z.uuid() });

/** All that is known of one server in a rollout. */
export interface RolloutMember {
  readonly serverId: string;
  readonly name: string;
  readonly hostname: string;
  readonly tenantName: string;
  readonly isOnline: boolean;
  readonly wave: number;
  readonly state: MemberState;
  readonly stateSince: Date;
  /** When silence counts as an answer, when it is tried again, until when it has to stay well. */
  readonly deadlineAt: Date | null;
  readonly notBefore: Date | null;
  readonly bakeUntil: Date | null;
  readonly hasWayBack: boolean;
  readonly problem: string | null;
  readonly waitsBecause: string | null;
  readonly packages: readonly PlannedPackage[];
  /** What the host says it changed; null where it has not said. */
  readonly changes: readonly PackageChange[] | null;
  /** The revision that it is to be at; null of other rollouts. */
  readonly configuration: Pick<PlannedConfiguration, "targetRevision" | "appliedRevision"> | null;
  /** Files that changed with it; null where the host has not said. */
  readonly changedPaths: readonly string[] | null;
  readonly healthBefore: MailHealth | null;
  /** With the change. */
  readonly healthAfter: MailHealth | null;
  /** Once it has gone back. */
  readonly healthBack: MailHealth | null;
  readonly probes: readonly KeptProbe[];
  /** The job that it waits for. */
  readonly jobId: string | null;
}

/** The story of one server in a rollout. Throws `not-found`. */
export function getRolloutMember(
  ctx: ServiceContext,
  input: z.input<typeof memberInput>,
): Promise<RolloutMember> {
  const { rolloutId, serverId } = parseInput(memberInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({
        serverId: rolloutMembers.serverId,
        name: servers.name,
        hostname: servers.hostname,
        tenantName: tenants.name,
        isOnline: sql<boolean>`${servers.gatewayId} is not null and ${servers.enrolmentState} = 'enrolled'`,
        wave: rolloutMembers.wave,
        state: rolloutMembers.state,
        stateSince: rolloutMembers.stateSince,
        deadlineAt: rolloutMembers.deadlineAt,
        notBefore: rolloutMembers.notBefore,
        bakeUntil: rolloutMembers.bakeUntil,
        hasWayBack: rolloutMembers.hasWayBack,
        problem: rolloutMembers.problem,
        waitsBecause: rolloutMembers.waitsBecause,
        packages: rolloutMembers.packages,
        changes: rolloutMembers.changes,
        configuration: rolloutMembers.configuration,
        changedPaths: rolloutMembers.changedPaths,
        healthBefore: rolloutMembers.healthBefore,
        healthAfter: rolloutMembers.healthAfter,
        healthBack: rolloutMembers.healthBack,
        probes: rolloutMembers.probes,
        jobId: rolloutMembers.jobId,
      })
      .from(rolloutMembers)
      .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
      .innerJoin(tenants, eq(tenants.id, rolloutMembers.tenantId))
      .where(and(eq(rolloutMembers.rolloutId, rolloutId), eq(rolloutMembers.serverId, serverId)));
    if (row === undefined) throw new ServiceError("not-found", "This server is not in this rollout.");
    return row;
  });
}
