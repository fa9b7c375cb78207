import type { PlannedRecord } from "@mailstead/core/dns";
import type { StoredRecord } from "@mailstead/db";
import { DnsView, type Resolver } from "../dns/index.ts";
import { AcmeError } from "./acme/acme-error.ts";
import type { CertificateDeps } from "./certificate-deps.ts";
import { type CertificateOwner, type PlacedRecord, placeAgain } from "./place-records.ts";

/** What became of records that ought to stand. */
export type Published =
  /** All authoritative servers show them. */
  | { kind: "shown" }
  /** They were written and some server does not show them yet, or a person is to paste them. */
  | { kind: "not-yet"; toPaste: StoredRecord[]; sentence: string };

export interface PublishedFor extends CertificateOwner {
  deps: CertificateDeps;
  reason: string;
}

/**
 * Has records stand and waits, within the run's patience, until every authoritative server shows them. Throws AcmeError
 * `not-ready` when the provider refuses or fails.
 */
export async function publishRecords(placed: readonly PlacedRecord[], who: PublishedFor): Promise<Published> {
  const records = placed.map(({ record }) => record);
  if (await areShown(records, who.deps.resolver)) return { kind: "shown" };
  const byHand: StoredRecord[] = [];
  for (const [domainId, ofDomain] of Map.groupBy(placed, (one) => one.domainId)) {
    if (domainId === null || (await write({ domainId, put: ofDomain }, who)) === "by-hand")
      byHand.push(...ofDomain.map(({ record }) => record));
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

/**
 * Takes records of ours away again. False when a provider did not do it, so that they are to be taken away later; what a
 * person published is left to that person.
 */
export async function withdrawRecords(records: readonly StoredRecord[], who: PublishedFor): Promise<boolean> {
  let areGone = true;
  for (const [domainId, ofDomain] of Map.groupBy(await placeAgain(records, who), (one) => one.domainId)) {
    if (domainId === null) continue;
    const { organisationId } = who.ctx;
    const withdraw = ofDomain.map(planned);
    const { reason } = who;
    const { kind } = await who.deps.publisher.publish({
      organisationId,
      domainId,
      put: [],
      withdraw,
      reason,
    });
    areGone &&= kind === "published" || kind === "by-hand";
  }
  return areGone;
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
  { domainId, put }: { domainId: string; put: readonly PlacedRecord[] },
  { ctx, deps, reason }: PublishedFor,
): Promise<"published" | "by-hand"> {
  const { organisationId } = ctx;
  const outcome = await deps.publisher.publish({
    organisationId,
    domainId,
    put: put.map(planned),
    withdraw: [],
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
        detail: `The DNS provider did not take ${put.map(({ record }) => record.name).join(", ")}: ${outcome.sentence}`,
        isPermanent: outcome.kind === "refused",
      });
  }
}

function lackingSentence(records: readonly StoredRecord[], lacking: readonly string[] | null): string {
  const who = lacking === null ? "" : `: ${lacking.join(", ")} ${lacking.length === 1 ? "does" : "do"} not`;
  return `Not all name servers show ${records[0]?.name} yet${who}.`;
}

function planned({ record: { name, type, value }, publishedAt }: PlacedRecord): PlannedRecord {
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
    publishedAt,
  };
}

function pasteSentence(records: readonly StoredRecord[]): string {
  const [first] = records;
  const what =
    records.length === 1 ? `the ${first?.type} record ${first?.name}` : `${records.length} records`;
  return `No DNS connection reaches its zone, so publish ${what} by hand; it is seen within minutes and goes on by itself`;
}
