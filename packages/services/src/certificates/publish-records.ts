import type { PlannedRecord } from "@mailstead/core/dns";
import { domains, type StoredRecord } from "@mailstead/db";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { DnsView, type Resolver } from "../dns/index.ts";
import { AcmeError } from "./acme/acme-error.ts";
import type { CertificateDeps } from "./certificate-deps.ts";

/** What became of records that ought to stand. */
export type Published =
  /** All authoritative servers show them. */
  | { kind: "shown" }
  /** They were written and some server does not show them yet, or a person is to paste them. */
  | { kind: "not-yet"; toPaste: StoredRecord[]; sentence: string };

export interface PublishedFor {
  ctx: ServiceContext;
  deps: CertificateDeps;
  /** Whose zone it is when no domain of the organisation fits a record's name better. */
  domainId: string | null;
  reason: string;
}

/**
 * Has records stand and waits, within the run's patience, until every authoritative server shows them. Throws AcmeError
 * `not-ready` when the provider refuses or fails.
 */
export async function publishRecords(
  records: readonly StoredRecord[],
  who: PublishedFor,
): Promise<Published> {
  if (await areShown(records, who.deps.resolver)) return { kind: "shown" };
  const byHand: StoredRecord[] = [];
  for (const [domainId, ofDomain] of await byDomain(records, who)) {
    if (domainId === null) byHand.push(...ofDomain);
    else if ((await write({ domainId, put: ofDomain, withdraw: [] }, who)) === "by-hand")
      byHand.push(...ofDomain);
  }
  if (byHand.length > 0) return { kind: "not-yet", toPaste: byHand, sentence: pasteSentence(byHand) };
  const deadlineMs = performance.now() + who.deps.patienceMs;
  for (;;) {
    const lacking = await readLacking(records, who.deps.resolver);
    if (lacking?.length === 0) return { kind: "shown" };
    if (performance.now() >= deadlineMs)
      return { kind: "not-yet", toPaste: [], sentence: lackingSentence(records, lacking) };
    await new Promise((resolve) => setTimeout(resolve, who.deps.pollEveryMs));
  }
}

/** Takes records of ours away again; what cannot be taken away now does no harm and is left. */
export async function withdrawRecords(records: readonly StoredRecord[], who: PublishedFor): Promise<void> {
  for (const [domainId, ofDomain] of await byDomain(records, who)) {
    if (domainId === null) continue;
    const { organisationId } = who.ctx;
    const withdraw = ofDomain.map(planned);
    await who.deps.publisher.publish({ organisationId, domainId, put: [], withdraw, reason: who.reason });
  }
}

/** The name at which a record is written: an alias is followed to its end, which is how a challenge is delegated. */
export async function followAliases(name: string, resolver: Resolver): Promise<string> {
  const answers = await new DnsView(resolver).askEverywhere({ name, type: "TXT" });
  const aliases = answers.filter((answer) => answer.kind === "alias");
  return aliases.at(-1)?.target.toLowerCase() ?? name;
}

/** The name servers that do not show every record yet; null when nobody at all answers for one of the names. */
async function readLacking(records: readonly StoredRecord[], resolver: Resolver): Promise<string[] | null> {
  const view = new DnsView(resolver);
  const lacking = await Promise.all(
    records.map(async ({ name, type, value }) => {
      const answers = (await view.askEverywhere({ name, type })).filter(
        (answer) => answer.kind !== "alias" && !(answer.kind === "failed" && answer.isLame === true),
      );
      const isThere = (answer: (typeof answers)[number]) =>
        answer.kind === "answered" && answer.values.includes(value);
      return answers.length === 0 ? null : answers.filter((answer) => !isThere(answer));
    }),
  );
  if (lacking.includes(null)) return null;
  return [...new Set(lacking.flatMap((answers) => (answers ?? []).map(({ nameServer }) => nameServer)))];
}

async function areShown(records: readonly StoredRecord[], resolver: Resolver): Promise<boolean> {
  return (await readLacking(records, resolver))?.length === 0;
}

async function write(
  {
    domainId,
    put,
    withdraw,
  }: { domainId: string; put: readonly StoredRecord[]; withdraw: readonly StoredRecord[] },
  { ctx, deps, reason }: PublishedFor,
): Promise<"published" | "by-hand"> {
  const { organisationId } = ctx;
  const outcome = await deps.publisher.publish({
    organisationId,
    domainId,
    put: put.map(planned),
    withdraw: withdraw.map(planned),
    reason,
  });
  switch (outcome.kind) {
    case "published":
    case "by-hand":
      return outcome.kind;
    case "refused":
    case "failed":
      throw new AcmeError({
        kind: "not-ready",
        detail: `The DNS provider did not take ${put.map(({ name }) => name).join(", ")}: ${outcome.sentence}`,
        isPermanent: outcome.kind === "refused",
      });
  }
}

/** The domain of the organisation in whose zone a record most likely stands: the one with the longest fitting name. */
async function byDomain(
  records: readonly StoredRecord[],
  { ctx, domainId }: PublishedFor,
): Promise<Map<string | null, StoredRecord[]>> {
  const all = await withTransaction(ctx, (tx) =>
    tx.select({ id: domains.id, name: domains.name }).from(domains),
  );
  return Map.groupBy(records, (record) => {
    const fitting = all
      .filter(({ name }) => `.${record.name}`.endsWith(`.${name}`))
      .toSorted((left, right) => right.name.length - left.name.length);
    return fitting[0]?.id ?? domainId;
  });
}

function lackingSentence(records: readonly StoredRecord[], lacking: readonly string[] | null): string {
  const who = lacking === null ? "" : `: ${lacking.join(", ")} ${lacking.length === 1 ? "does" : "do"} not`;
  return `Not all name servers show ${records[0]?.name} yet${who}.`;
}

function planned({ name, type, value }: StoredRecord): PlannedRecord {
  return {
    purpose: type === "TLSA" ? "tlsa" : "acme-challenge",
    name,
    type,
    value,
    level: "required",
    reason:
      type === "TLSA"
        ? "It names the key by which senders know this server."
        : "It proves to the certificate authority that the name is ours.",
    withoutIt:
      type === "TLSA"
        ? "Senders that use DANE refuse the server once it has another key."
        : "The certificate is not issued.",
    publishedAt: "domain-dns",
  };
}

function pasteSentence(records: readonly StoredRecord[]): string {
  const [first] = records;
  const what =
    records.length === 1 ? `the ${first?.type} record ${first?.name}` : `${records.length} records`;
  return `No DNS provider is connected, so publish ${what} by hand; it is seen within minutes and goes on by itself`;
}
