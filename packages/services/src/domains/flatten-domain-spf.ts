import { answerLookups, flattenSpf } from "@mailstead/core/dns";
import { domains, type FlattenedSpfRow } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { DnsQueryError, DnsView, type Resolver } from "../dns/index.ts";
import { readMailWishes } from "./mail-wishes.ts";

/**
 * Looks up what the names in a domain's SPF record lead to now, and keeps it for the plan. What was found before stays
 * when names cannot be looked up: half a record would shut senders out. Never throws for what the network does.
 */
export async function flattenDomainSpf(
  ctx: ServiceContext,
  domain: { id: string; name: string; toFlatten: string },
  resolver: Resolver,
): Promise<void> {
  const { id, name, toFlatten } = domain;
  // The network is asked outside of any transaction.
  const found = await lookUp(name, { toFlatten, resolver });
  if (found === null) return;
  await withTransaction(ctx, async (tx) => {
    const { flattenedSpf } = await readMailWishes(tx, id);
    const former = flattenedSpf?.of === toFlatten ? flattenedSpf : null;
    const at = ctx.now().toISOString();
    const row: FlattenedSpfRow =
      found.kind === "flattened"
        ? { of: toFlatten, record: found.record, caution: found.caution, problem: null, at }
        : {
            of: toFlatten,
            record: former?.record ?? null,
            caution: former?.caution ?? null,
            problem: `It could not be flattened: ${found.why}.`,
            at: former?.at ?? at,
          };
    await tx.update(domains).set({ flattenedSpf: row }).where(eq(domains.id, id));
  });
}

/** Null while the resolver answers nothing, which the check of the records tells. */
async function lookUp(
  name: string,
  { toFlatten, resolver }: { toFlatten: string; resolver: Resolver },
): Promise<Awaited<ReturnType<typeof flatten>> | null> {
  try {
    return await flatten(name, { toFlatten, view: new DnsView(resolver) });
  } catch (cause) {
    if (cause instanceof DnsQueryError) return null;
    throw cause;
  }
}

function flatten(name: string, { toFlatten, view }: { toFlatten: string; view: DnsView }) {
  return answerLookups(flattenSpf(name, toFlatten), (lookup) => view.answer(lookup));
}
