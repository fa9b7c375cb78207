import { firstKeysPauseMs } from "@mailstead/core/dkim";
import { checkSoon } from "@mailstead/core/domains";
import { dkimKeys, domains } from "@mailstead/db";
import { and, asc, eq, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import type { PublishOutcome, RecordPublisher } from "../dns/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { type FirstKeyRecords, readFirstKeys, recordsOfFirstKeys } from "./first-key-records.ts";
import { setKeyFinding } from "./key-findings.ts";
import { worstOf } from "./publish-sides.ts";

const domainsPerRun = 50;
/** A publication mostly waits for providers of others. */
const publicationsAtOnceMax = 5;
/** Longer than a provider takes to answer or to be given up on: no other worker begins the same meanwhile. */
const leaseMs = 3 * 60_000;

const publicationSchema = z.object({
  kind: z.enum(["published", "by-hand", "refused", "failed"]),
  /** Tries with this outcome, one after the other. */
  tries: z.int().positive(),
  sentence: z.string().nullable(),
});
type Publication = z.infer<typeof publicationSchema>;

export interface FirstKeysRun {
  tried: { domainId: string; kind: PublishOutcome["kind"] }[];
  failed: { domainId: string; cause: unknown }[];
}

/**
 * Publishes first keys, and the aliases before them, wherever a DNS connection or a hosted zone reaches, so that a domain
 * or a server that is new signs without a press. What somebody else wrote is left alone and becomes a finding; what
 * nothing reaches is shown to be pasted. The system finds the domains; each is seen to in its own organisation's context.
 */
export async function publishDueFirstKeys(
  ctx: SystemContext,
  { app, installation, publisher }: { app: Database; installation: Installation; publisher: RecordPublisher },
): Promise<FirstKeysRun> {
  const run: FirstKeysRun = { tried: [], failed: [] };
  const failed = await seeToEach(
    ctx,
    { rows: await findDue(ctx), app, installation, atOnceMax: publicationsAtOnceMax },
    async (own, { domainId }) => {
      const kind = await publishOf(own, { domainId, publisher });
      if (kind !== null) run.tried.push({ domainId, kind });
      return undefined;
    },
  );
  run.failed.push(...failed.map(({ row: { domainId }, cause }) => ({ domainId, cause })));
  return run;
}

function findDue(ctx: SystemContext): Promise<{ domainId: string; organisationId: string }[]> {
  const { firstKeysTryAt, firstKeysPublication } = domains;
  const hasFirstKeys = sql`exists (select from ${dkimKeys} where ${dkimKeys.domainId} = ${domains.id}
    and ${dkimKeys.state} = 'waiting' and ${dkimKeys.publicKey} is not null
    and ${dkimKeys.privateKeyGoneAt} is null
    and ${dkimKeys.madeBy} is null and ${dkimKeys.replacedBy} is null)`;
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({ domainId: domains.id, organisationId: domains.organisationId })
      .from(domains)
      .where(
        and(
          or(isNull(firstKeysTryAt), lte(firstKeysTryAt, ctx.now())),
          or(hasFirstKeys, isNotNull(firstKeysPublication)),
        ),
      )
      .orderBy(sql`${firstKeysTryAt} nulls first`, asc(domains.id))
      .limit(domainsPerRun),
  );
}

async function publishOf(
  ctx: ServiceContext,
  { domainId, publisher }: { domainId: string; publisher: RecordPublisher },
): Promise<PublishOutcome["kind"] | null> {
  const wanted = await takeWishes(ctx, domainId);
  if (wanted === null) return null;
  const { domain, records, leasedUntil } = wanted;
  // Each side by itself: aliases that a person has to paste keep no key from its place behind them.
  const outcomes: PublishOutcome[] = [];
  for (const side of [records.delegated, records.own])
    if (side.put.length > 0) outcomes.push(await publishSide(publisher, { domain, side }));
  return withTransaction(ctx, async (tx) => {
    const current = await getDomainForChange(tx, domainId);
    // More keys came meanwhile, or another worker was faster: the next try takes up all of them.
    if (current.firstKeysTryAt?.getTime() !== leasedUntil.getTime()) return null;
    const outcome = worstOf(outcomes);
    const before = publicationSchema.nullable().catch(null).parse(current.firstKeysPublication);
    const sentence = "sentence" in outcome ? outcome.sentence : null;
    const tries = before?.kind === outcome.kind ? before.tries + 1 : 1;
    const publication: Publication = { kind: outcome.kind, tries, sentence };
    const at = ctx.now();
    const hasChanged = outcomes.some((one) => one.kind === "published" && one.changes > 0);
    await tx
      .update(domains)
      .set({
        firstKeysPublication: publication,
        firstKeysTryAt: new Date(at.getTime() + firstKeysPauseMs(outcome.kind, tries)),
        ...(hasChanged ? checkSoon(at) : {}),
      })
      .where(eq(domains.id, domainId));
    await setKeyFinding(
      tx,
      { domain: current, kind: "not-published" },
      {
        sentence:
          sentence === null
            ? null
            : `The first DKIM keys of ${domain.name} could not be published: ${sentence}`,
        at,
      },
    );
    const isNewTrouble = sentence !== null && before?.kind !== outcome.kind;
    if (hasChanged || isNewTrouble)
      await recordAudit(tx, ctx, {
        organisationId: current.organisationId,
        tenantId: current.tenantId,
        action: "publish-first-dkim-keys",
        subject: { kind: "domain", id: domainId, name: domain.name },
        after: {
          outcomes,
          records: [...records.delegated.put, ...records.own.put].map(
            ({ name, type, value }) => `${name} ${type} ${value}`,
          ),
        },
      });
    return outcome.kind;
  });
}

/** Null when there is nothing to publish any more, or another worker has it in hand. */
async function takeWishes(ctx: ServiceContext, domainId: string) {
  const now = ctx.now();
  return withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    if (domain.firstKeysTryAt !== null && domain.firstKeysTryAt > now) return null;
    const keys = await readFirstKeys(tx, domainId);
    if (keys.length === 0) {
      await tx
        .update(domains)
        .set({ firstKeysPublication: null, firstKeysTryAt: null })
        .where(eq(domains.id, domainId));
      await setKeyFinding(tx, { domain, kind: "not-published" }, { sentence: null, at: now });
      return null;
    }
    const leasedUntil = new Date(now.getTime() + leaseMs);
    await tx.update(domains).set({ firstKeysTryAt: leasedUntil }).where(eq(domains.id, domainId));
    return { domain, leasedUntil, records: await recordsOfFirstKeys(tx, { domain, keys }) };
  });
}

function publishSide(
  publisher: RecordPublisher,
  { domain, side }: { domain: { id: string; organisationId: string; name: string }; side: FirstKeyRecords },
): Promise<PublishOutcome> {
  return publisher.publish({
    organisationId: domain.organisationId,
    domainId: domain.id,
    put: side.put,
    withdraw: side.withdraw,
    reason: `first DKIM keys of ${domain.name}`,
  });
}
