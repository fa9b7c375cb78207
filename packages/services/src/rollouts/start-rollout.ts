import {
  customerKeyPrefix,
  hasWayBack,
  kindOf,
  type RolloutChoice,
  type RolloutSettings,
} from "@mailstead/core/rollouts";
import { insertMany, newId, rolloutMembers, rollouts, type Transaction } from "@mailstead/db";
import type { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { catchUpFrom } from "./catch-up-from.ts";
import { counted } from "./counted.ts";
import { lineOfText } from "./line-of-text.ts";
import { type OfferedAgent, readOfferedAgent } from "./offered-agent.ts";
import { rolloutInput } from "./preview-rollout.ts";
import { type RolloutScope, readPlan, requireMembers } from "./read-plan.ts";
import { tellRollout } from "./tell-rollout.ts";

const startRolloutInput = rolloutInput.extend({ title: lineOfText("a title", 200) });

/**
 * Freezes who gets what in which wave, and has the worker begin. Throws `precondition-failed` where nobody would be changed.
 */
export async function startRollout(
  ctx: ServiceContext,
  input: z.input<typeof startRolloutInput>,
): Promise<{ rolloutId: string; servers: number }> {
  requireRole(ctx, "technician");
  const { title, choice, settings, ...scope } = parseInput(startRolloutInput, input);
  const agent = await readOfferedAgent(ctx, choice);
  return withTransaction(ctx, (tx) =>
    createRollout(tx, ctx, { title, choice, agent, settings, ...scope, policy: null, onlySecurity: false }),
  );
}

export interface NewRollout extends RolloutScope {
  readonly title: string;
  readonly choice: RolloutChoice;
  /** Null where the rollout brings no agents. */
  readonly agent: OfferedAgent | null;
  readonly settings: RolloutSettings;
  /** The policy that wants it; null where a person does. */
  readonly policy: string | null;
  /** Of the chosen sources, only what security asks for. */
  readonly onlySecurity: boolean;
}

/** The same within the caller's transaction, also for a policy. */
export async function createRollout(
  tx: Transaction,
  ctx: ServiceContext,
  { title, choice, agent, settings, policy, onlySecurity, ...scope }: NewRollout,
): Promise<{ rolloutId: string; servers: number }> {
  const now = ctx.now();
  const rolloutId = newId(now);
  const kind = kindOf(choice);
  const read = await readPlan(tx, { scope, choice, agent, onlySecurity, settings, now });
  requireMembers(read);
  const { organisationId, tenantId } = ctx;
  const startedBy = policy === null ? ctx.actor.name : "Mailstead";
  await tx.insert(rollouts).values({
    id: rolloutId,
    organisationId,
    tenantId,
    kind,
    title,
    state: "running",
    settings,
    choice,
    agentRelease: agent?.release ?? null,
    policy,
    startedBy,
    startedAt: now,
    catchUpUntil: catchUpFrom({ settings }, now),
    lookAt: now,
  });
  const { members, leftOut } = read.plan;
  const common = (serverId: string) => ({
    rolloutId,
    serverId,
    organisationId,
    tenantId: read.servers.get(serverId)?.tenantId ?? "",
    stateSince: now,
    attempts: 0,
    keepApart: [
      ...(read.servers.get(serverId)?.keepApart ?? []),
      // One server of a customer starts anew at a time.
      ...(kind === "reboots" ? [customerKeyPrefix + (read.servers.get(serverId)?.tenantId ?? "")] : []),
    ],
    probes: [],
  });
  await insertMany(tx, rolloutMembers, [
    ...members.map(({ serverId, wave, position, packages }) => ({
      ...common(serverId),
      wave,
      position,
      packages,
      configuration: kind === "configurations" ? (read.servers.get(serverId)?.configuration ?? null) : null,
      state: "waiting" as const,
      // What a canary has not yet proven waits for it.
      isProven: wave === 0,
      hasWayBack: hasWayBack(kind, packages),
      problem: null,
    })),
    ...leftOut.map(({ serverId, because }, at) => ({
      ...common(serverId),
      wave: settings.waves.length,
      position: members.length + at,
      packages: [],
      state: "left-out" as const,
      isProven: false,
      hasWayBack: true,
      problem: because,
    })),
  ]);
  await tellRollout(tx, ctx, {
    rolloutId,
    kind: "started",
    sentence: `${counted(members.length, "server")} in ${counted(new Set(members.map(({ wave }) => wave)).size, "wave")}.`,
  });
  await recordAudit(tx, ctx, {
    organisationId,
    tenantId,
    action: "start-rollout",
    subject: { kind: "rollout", id: rolloutId, name: title },
    after: {
      choice,
      agent: agent?.release.version ?? null,
      settings,
      policy,
      servers: members.length,
      leftOut: leftOut.length,
    },
  });
  return { rolloutId, servers: members.length };
}
