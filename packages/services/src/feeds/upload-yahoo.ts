import {
  CsvFault,
  dayOf,
  type FeedDay,
  feeds,
  readYahooDays,
  YahooFault,
  yahooTextMax,
} from "@mailstead/core/feeds";
import { cutText } from "@mailstead/core/text";
import { domains, feedConnections, newId, type Transaction, tenants } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { readFeedDomains } from "./feed-scope.ts";
import { forgetOldDays, storeFeedDays } from "./store-days.ts";

const uploadInput = z.object({
  /** Whose figures are told in rows that name no domain. */
  domainId: z.uuid(),
  text: z.string().min(1, "The file is empty.").max(yahooTextMax, "The file is too large; take it in parts."),
});

export interface UploadedDays {
  /** How many days of domains were kept. */
  readonly days: number;
  readonly newestDay: string;
  /** Domains of the file that are none of ours and were left out. */
  readonly leftOut: readonly string[];
}

const leftOutShownMax = 20;
const labelsTriedMax = 50;

/**
 * Keeps what a file from Yahoo's Sender Hub tells. The same file again changes nothing; a newer one replaces the days that
 * both tell. Throws `invalid` with one sentence that names the line where the file is not as it ought to be, and keeps
 * nothing of it then.
 */
export async function uploadYahooFile(
  ctx: ServiceContext,
  input: z.input<typeof uploadInput>,
): Promise<UploadedDays> {
  requireRole(ctx, "technician");
  const { domainId, text } = parseInput(uploadInput, input);
  return withTransaction(ctx, async (tx) => {
    const [domain] = await tx
      .select({ name: domains.name, tenantId: domains.tenantId })
      .from(domains)
      .where(eq(domains.id, domainId));
    if (domain === undefined) throw new ServiceError("not-found", "There is no such domain.");
    const days = readFile(text, { domain: domain.name, today: dayOf(ctx.now()) });
    const known = new Map((await readFeedDomains(tx, null)).map((one) => [one.name, one]));
    const own = days.flatMap((day) => {
      const owner = known.get(day.subject);
      return owner === undefined
        ? []
        : [{ day, owner: { tenantId: owner.tenantId, domainId: owner.id, serverId: null } }];
    });
    const leftOut = [...new Set(days.map(({ subject }) => subject).filter((name) => !known.has(name)))];
    const newestDay = own
      .map(({ day }) => day.day)
      .sort()
      .at(-1);
    if (newestDay === undefined)
      throw new ServiceError(
        "invalid",
        `The file tells only of ${leftOut.slice(0, 3).join(", ")}, which is no domain here.`,
        { field: "text" },
      );
    const connectionId = await yahooFeed(tx, ctx);
    await forgetOldDays(tx, connectionId, ctx.now());
    await storeFeedDays(tx, { organisationId: ctx.organisationId, connectionId, days: own, at: ctx.now() });
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: domain.tenantId,
      action: "upload-yahoo-file",
      subject: { kind: "domain", id: domainId, name: domain.name },
      after: { days: own.length, newestDay },
    });
    return { days: own.length, newestDay, leftOut: leftOut.slice(0, leftOutShownMax) };
  });
}

function readFile(text: string, about: { domain: string; today: string }): FeedDay[] {
  try {
    return readYahooDays(text, about);
  } catch (cause) {
    throw cause instanceof YahooFault || cause instanceof CsvFault ? refusal(cause) : cause;
  }
}

function refusal(cause: Error): ServiceError {
  return new ServiceError("invalid", cause.message, { field: "text", cause });
}

/** The feed that uploads belong to: one of the organisation, and one of each customer whose own people upload. */
async function yahooFeed(tx: Transaction, ctx: ServiceContext): Promise<string> {
  const { organisationId, tenantId } = ctx;
  const now = ctx.now();
  const [known] = await tx
    .select({ id: feedConnections.id })
    .from(feedConnections)
    .where(
      and(
        eq(feedConnections.kind, "yahoo"),
        tenantId === null ? isNull(feedConnections.tenantId) : eq(feedConnections.tenantId, tenantId),
      ),
    )
    .for("update");
  if (known !== undefined) {
    await tx.update(feedConnections).set({ lookedAt: now }).where(eq(feedConnections.id, known.id));
    return known.id;
  }
  const { title } = feeds.yahoo;
  const name = tenantId === null ? title : `${title}, ${await tenantName(tx, tenantId)}`;
  // Feeds that this person does not see have names too, so one is tried after the other.
  for (let number = 1; number <= labelsTriedMax; number += 1) {
    const [made] = await tx
      .insert(feedConnections)
      .values({
        id: newId(now),
        organisationId,
        tenantId,
        kind: "yahoo",
        label: number === 1 ? name : `${name} ${number}`,
        account: "uploaded files",
        state: "working",
        lookedAt: now,
        createdAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: feedConnections.id });
    if (made !== undefined) return made.id;
  }
  throw new ServiceError("conflict", `Feeds named ${name} are there already; disconnect one of them first.`);
}

async function tenantName(tx: Transaction, tenantId: string): Promise<string> {
  const [tenant] = await tx.select({ name: tenants.name }).from(tenants).where(eq(tenants.id, tenantId));
  return cutText(tenant?.name ?? "", 60);
}
