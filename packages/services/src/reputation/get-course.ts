import { reputationDays } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { type DaysAtReceiver, daysBefore, readCells } from "./get-fleet-reputation.ts";
import { daysOfScope, receiver, senderScope, storedProvider } from "./sender-scope.ts";

const spans = { week: 7, month: 30, quarter: 90 } as const;
const courseInput = z.object({
  ...senderScope,
  span: z.enum(["week", "month", "quarter"]).default("month"),
  /** All receivers where none is named. */
  provider: receiver.optional(),
  /** One address of a server alone. */
  address: z.string().max(64).optional(),
});

/** What receivers did with the mail of some senders, day by day, with the time before it to compare. */
export interface Course {
  /** Every day of the time, the oldest first. */
  readonly days: readonly string[];
  /** As many days before those. */
  readonly daysBefore: readonly string[];
  /** Of both times. A day without mail has no cell. */
  readonly cells: readonly DaysAtReceiver[];
}

/** Tells how receivers took mail day by day, as a chart shows it. Throws `not-found`. */
export function getCourse(ctx: ServiceContext, asked: z.input<typeof courseInput> = {}): Promise<Course> {
  const { span, provider, address, ...scope } = parseInput(courseInput, asked);
  return withTransaction(ctx, async (tx) => {
    const both = daysBefore(ctx.now(), 2 * spans[span]);
    const where = and(
      await daysOfScope(tx, scope),
      provider === undefined ? undefined : eq(reputationDays.provider, storedProvider(provider)),
      address === undefined ? undefined : eq(reputationDays.address, address),
    );
    return {
      days: both.slice(spans[span]),
      daysBefore: both.slice(0, spans[span]),
      cells: await readCells(tx, { from: both[0] ?? "", where }),
    };
  });
}
