import {
  badStates,
  type MailSums,
  type MemberState,
  type PlannedPackage,
  possibleSteers,
  type RolloutChoice,
  type RolloutSettings,
  type RolloutSteer,
  waveAt,
} from "@mailstead/core/rollouts";
import { type RolloutEventKind, rolloutEvents, rolloutMembers, type Transaction } from "@mailstead/db";
import { count, desc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { acrossCustomers, parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findRollout } from "./find-rollout.ts";
import { lineOf, type MemberCounts, type RolloutLine } from "./rollout-view.ts";

const getInput = z.object({ rolloutId: z.uuid() });

export interface RolloutWave {
  readonly wave: number;
  readonly servers: number;
  readonly counts: MemberCounts;
  readonly bakeTimeMs: number;
  readonly needsApproval: boolean;
  /** Whether its members may start, or have to wait for the waves before. */
  readonly standing: "open" | "ahead";
}

export interface RolloutStory extends RolloutLine {
  /** False where the rollout also goes over servers that the person may not see. */
  readonly isOwn: boolean;
  readonly settings: RolloutSettings;
  readonly choice: RolloutChoice;
  readonly catchUpUntil: Date;
  readonly tenants: number;
  readonly waves: readonly RolloutWave[];
  /** What it brings: each exact version that a canary is to prove. */
  readonly packages: readonly Pick<PlannedPackage, "name" | "from" | "version">[];
  readonly packagesInAll: number;
  /** Servers that something was planned for from which no way leads back. */
  readonly withoutWayBack: number;
  /** Servers that would get back what they had. */
  readonly canGoBack: number;
  /** How many count against it now, of how many that may; what a person went on from counts no more. */
  readonly bad: number;
  readonly steers: readonly RolloutSteer[];
  /** The wave that a person is asked to say yes to. */
  readonly approves: number | null;
  readonly events: readonly RolloutHappening[];
  /** The mail of the changed servers together, as it was last judged; null where it was not, or is not all the person's. */
  readonly sums: MailSums | null;
}

export interface RolloutHappening {
  readonly id: string;
  readonly at: Date;
  readonly kind: RolloutEventKind;
  readonly sentence: string;
  /** Null where Mailstead did by itself. */
  readonly byName: string | null;
}

const packagesMax = 60;
const eventsMax = 200;

/** How a rollout stands: its waves, what it brings, what happened, and what can be done now. Throws `not-found`. */
export function getRollout(ctx: ServiceContext, input: z.input<typeof getInput>): Promise<RolloutStory> {
  const { rolloutId } = parseInput(getInput, input);
  return withTransaction(ctx, async (tx) => {
    const { row, isOwn } = await findRollout(tx, ctx, rolloutId);
    const waves = await readWaves(tx, row);
    const counts = sumCounts(waves);
    const { packages, packagesInAll } = await readPackages(tx, rolloutId);
    const numbers = await readNumbers(tx, rolloutId);
    const badInAll = badStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    return {
      ...lineOf(row, { counts, isOwn }),
      ...{ isOwn, waves, packages, packagesInAll, ...numbers },
      settings: row.settings,
      choice: row.choice,
      catchUpUntil: row.catchUpUntil,
      bad: Math.max(0, badInAll - row.forgivenBad),
      steers: isOwn ? possibleSteers(row.state, numbers.canGoBack) : [],
      approves: isOwn && row.state === "running" && row.asksApproval ? row.wave + 1 : null,
      events: isOwn ? await readEvents(tx, ctx, rolloutId) : [],
      sums: isOwn ? row.sums : null,
    };
  });
}

async function readWaves(
  tx: Transaction,
  { id, wave: openWave, settings }: { id: string; wave: number; settings: RolloutSettings },
): Promise<readonly RolloutWave[]> {
  const rows = await tx
    .select({ wave: rolloutMembers.wave, state: rolloutMembers.state, count: count() })
    .from(rolloutMembers)
    .where(eq(rolloutMembers.rolloutId, id))
    .groupBy(rolloutMembers.wave, rolloutMembers.state);
  return Array.from({ length: settings.waves.length + 1 }, (_, wave) => {
    const own = rows.filter((one) => one.wave === wave);
    return {
      wave,
      servers: own.reduce((sum, one) => sum + one.count, 0),
      counts: Object.fromEntries(own.map((one) => [one.state, one.count])),
      bakeTimeMs: waveAt(settings, wave).bakeTimeMs,
      needsApproval: waveAt(settings, wave).needsApproval,
      standing: wave <= openWave ? "open" : "ahead",
    } satisfies RolloutWave;
  });
}

function sumCounts(waves: readonly RolloutWave[]): MemberCounts {
  const sums: Partial<Record<MemberState, number>> = {};
  for (const { counts } of waves)
    for (const [state, number] of Object.entries(counts) as [MemberState, number][])
      sums[state] = (sums[state] ?? 0) + number;
  return sums;
}

/** The canaries have every version that anybody is to get, and are few. */
async function readPackages(tx: Transaction, rolloutId: string) {
  const { rows } = await tx.execute(sql`
    select one ->> 'name' as name, min(one ->> 'from') as "from", one ->> 'version' as version, count(*) over ()::integer as "inAll"
    from ${rolloutMembers} member, jsonb_array_elements(member.packages) as one
    where member.rollout_id = ${rolloutId} and member.wave = (
      select min(first.wave) from ${rolloutMembers} first where first.rollout_id = ${rolloutId})
    group by one ->> 'name', one ->> 'version' order by 1, 3 limit ${packagesMax}`);
  const packages = z
    .array(
      z.object({
        name: z.string(),
        from: z.string().nullable(),
        version: z.string(),
        inAll: z.int(),
      }),
    )
    .parse(rows);
  return {
    packages: packages.map(({ inAll: _inAll, ...one }) => one),
    packagesInAll: packages[0]?.inAll ?? 0,
  };
}

async function readNumbers(tx: Transaction, rolloutId: string) {
  const [row] = await tx
    .select({
      tenants: sql<number>`count(distinct ${rolloutMembers.tenantId})::integer`,
      withoutWayBack: sql<number>`(count(*) filter (where not ${rolloutMembers.hasWayBack}))::integer`,
      canGoBack: sql<number>`(count(*) filter (where ${rolloutMembers.hasWayBack} and ${rolloutMembers.state} = 'succeeded'))::integer`,
    })
    .from(rolloutMembers)
    .where(eq(rolloutMembers.rolloutId, rolloutId));
  return row ?? { tenants: 0, withoutWayBack: 0, canGoBack: 0 };
}

/** The newest first. */
function readEvents(
  tx: Transaction,
  ctx: ServiceContext,
  rolloutId: string,
): Promise<readonly RolloutHappening[]> {
  // The history is the organisation's, and who may see all of a rollout may read it.
  return acrossCustomers(tx, ctx, () =>
    tx
      .select({
        id: rolloutEvents.id,
        at: rolloutEvents.at,
        kind: rolloutEvents.kind,
        sentence: rolloutEvents.sentence,
        byName: rolloutEvents.byName,
      })
      .from(rolloutEvents)
      .where(eq(rolloutEvents.rolloutId, rolloutId))
      .orderBy(desc(rolloutEvents.id))
      .limit(eventsMax),
  );
}
