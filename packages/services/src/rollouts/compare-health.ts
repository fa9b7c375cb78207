import { deliveryHours, rolloutMembers, type rollouts, type Transaction, tenants } from "@mailstead/db";
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findRollout } from "./find-rollout.ts";

const compareInput = z.object({
  rolloutId: z.uuid(),
  /** `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
  limit: z.int().min(1).max(100).default(25),
});

/** What servers told at a look, all of a customer's together. */
export interface HealthSide {
  /** Servers of which nothing that was tried is bad. */
  readonly well: number;
  readonly queueMessages: number;
  /** Attempts of the last minutes before the look. */
  readonly sent: number;
  readonly deferred: number;
  readonly bounced: number;
}

/** What was sent in whole hours; `attempts` is 0 where nothing is known. */
export interface HoursSide {
  readonly attempts: number;
  readonly delivered: number;
  readonly deferred: number;
}

export interface CustomerHealth {
  readonly id: string;
  readonly name: string;
  readonly servers: number;
  /** Servers that were looked at before and after; both sides tell of these. */
  readonly looked: number;
  readonly before: HealthSide;
  readonly after: HealthSide;
  readonly hoursBefore: HoursSide;
  readonly hoursAfter: HoursSide;
}

export interface HealthComparison {
  readonly customers: readonly CustomerHealth[];
  readonly total: number;
  readonly nextCursor: string | null;
}

const hourMs = 3_600_000;
/** Hours before the start, and hours since that are over: enough for a usual morning, and few rows of a large customer. */
const comparedHoursMax = 6;

/** How each customer's mail did before and does after: who lost most servers that were well first, then by name. */
export function compareHealth(
  ctx: ServiceContext,
  input: z.input<typeof compareInput>,
): Promise<HealthComparison> {
  const { rolloutId, cursor, limit } = parseInput(compareInput, input);
  const offset = Number(cursor ?? 0);
  return withTransaction(ctx, async (tx) => {
    const { row } = await findRollout(tx, ctx, rolloutId);
    const sides = (await readSides(tx, rolloutId)).toSorted(
      (a, b) => b.before.well - b.after.well - (a.before.well - a.after.well) || (a.name < b.name ? -1 : 1),
    );
    const page = sides.slice(offset, offset + limit);
    const hours = await readHours(tx, {
      rollout: row,
      tenantIds: page.map(({ id }) => id),
      now: ctx.now(),
    });
    return {
      customers: page.map((one) => ({
        ...one,
        hoursBefore: hours.get(`${one.id} before`) ?? nothing,
        hoursAfter: hours.get(`${one.id} after`) ?? nothing,
      })),
      total: sides.length,
      nextCursor: sides.length > offset + limit ? String(offset + limit) : null,
    };
  });
}

const nothing: HoursSide = { attempts: 0, delivered: 0, deferred: 0 };

const sideSchema = z.object({
  well: z.int(),
  queueMessages: z.int(),
  sent: z.int(),
  deferred: z.int(),
  bounced: z.int(),
});
const sidesSchema = z.array(
  z.object({
    id: z.uuid(),
    name: z.string(),
    servers: z.int(),
    looked: z.int(),
    before: sideSchema,
    after: sideSchema,
  }),
);

async function readSides(tx: Transaction, rolloutId: string) {
  const isLooked = sql`member.health_before is not null and member.health_after is not null`;
  const side = (column: SQL) => {
    const figure = (path: string) =>
      sql`coalesce(sum((${column} #>> ${path}::text[])::bigint) filter (where ${isLooked}), 0)`;
    // The same as isMailWell says of one look.
    return sql`json_build_object(
      'well', count(*) filter (where ${isLooked}
        and not jsonb_path_exists(${column}, '$.checks[*] ? (@.state == "bad")')
        and jsonb_path_exists(${column}, '$.checks[*] ? (@.state == "ok")')),
      'queueMessages', ${figure("{figures,queueMessages}")}, 'sent', ${figure("{figures,recent,sent}")},
      'deferred', ${figure("{figures,recent,deferred}")}, 'bounced', ${figure("{figures,recent,bounced}")})`;
  };
  const { rows } = await tx.execute(sql`
    select tenant.id, tenant.name, count(*)::integer as servers,
      (count(*) filter (where ${isLooked}))::integer as looked,
      ${side(sql`member.health_before`)} as before,
      ${side(sql`coalesce(member.health_back, member.health_after)`)} as after
    from ${rolloutMembers} member join ${tenants} tenant on tenant.id = member.tenant_id
    where member.rollout_id = ${rolloutId} group by tenant.id, tenant.name`);
  return sidesSchema.parse(rows);
}

const hoursSchema = z.array(
  z.object({
    tenantId: z.uuid(),
    side: z.enum(["before", "after"]),
    attempts: z.coerce.number(),
    delivered: z.coerce.number(),
    deferred: z.coerce.number(),
  }),
);

/** What the servers that were looked at after sent in the hours before the start, and in those since that are over. */
async function readHours(
  tx: Transaction,
  {
    rollout,
    tenantIds,
    now,
  }: { rollout: typeof rollouts.$inferSelect; tenantIds: readonly string[]; now: Date },
): Promise<ReadonlyMap<string, HoursSide>> {
  const hourOf = (at: Date) => Math.floor(at.getTime() / hourMs) * hourMs;
  const hours = comparedHoursMax * hourMs;
  const start = hourOf(rollout.startedAt);
  const over = hourOf(now);
  // After the end as many hours count as before the start; what came later has other causes.
  const until = rollout.endedAt === null ? over : Math.min(over, hourOf(rollout.endedAt) + hourMs + hours);
  const from = new Date(start - hours);
  const afterFrom = new Date(Math.max(start + hourMs, until - hours));
  const { rows } = await tx.execute(sql`
    select member.tenant_id as "tenantId", case when hours.starts_at < ${new Date(start)} then 'before' else 'after' end as side,
      sum(hours.attempts) as attempts,
      coalesce(sum(hours.attempts) filter (where hours.status = 'sent'), 0) as delivered,
      coalesce(sum(hours.attempts) filter (where hours.status = 'deferred'), 0) as deferred
    from ${rolloutMembers} member join ${deliveryHours} hours on hours.server_id = member.server_id
    where member.rollout_id = ${rollout.id} and member.health_after is not null
      and member.tenant_id = any(${sql.param([...tenantIds])}::uuid[]) and hours.direction = 'outbound'
      and ((hours.starts_at >= ${from} and hours.starts_at < ${new Date(start)})
        or (hours.starts_at >= ${afterFrom} and hours.starts_at < ${new Date(until)}))
    group by 1, 2`);
  return new Map(hoursSchema.parse(rows).map(({ tenantId, side, ...sums }) => [`${tenantId} ${side}`, sums]));
}
