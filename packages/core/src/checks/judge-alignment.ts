import type { CheckFinding, DmarcPolicy, PlannedRecord, RecordVerdict } from "../dns/index.ts";

type Finding = CheckFinding<"dmarc-unaligned">;

export interface AlignmentFacts {
  domain: string;
  /** What receivers do with mail that is not aligned; null when they were not told, undefined when nobody could be asked. */
  policy: DmarcPolicy | null | undefined;
  records: readonly { record: PlannedRecord; verdict: Pick<RecordVerdict, "kind" | "sentence"> }[];
}

/**
 * Judges whether mail of the domain passes DMARC by a name of its own (RFC 9989 §4.4): the servers sign as the domain that
 * stands in From, and people send with an envelope sender in it, so both are aligned, strictly too, as soon as their
 * records are right. Behind a smarthost the address is another's, and only the signature speaks for the domain. Null when
 * nothing can be said.
 */
export function judgeAlignment({ domain, policy, records }: AlignmentFacts): Finding[] | null {
  const kindsOf = (isMeant: (record: PlannedRecord) => boolean) =>
    records.filter(({ record }) => isMeant(record)).map(({ verdict }) => verdict.kind);
  const dkim = kindsOf(({ purpose, name }) => isKey(purpose) && name.endsWith(`._domainkey.${domain}`));
  const isRelayed = records.some(({ record }) => record.relayedFor?.includes(domain) === true);
  const spf = isRelayed ? [] : kindsOf(({ purpose, name }) => purpose === "spf" && name === domain);
  const ways = [...dkim, ...spf];
  if (ways.some((kind) => kind === "ok" || kind === "attention")) return [];
  if (policy === undefined || ways.includes("unanswered") || ways.includes("disagreeing")) return null;
  // A domain that sends nothing has neither, and no mail to lose.
  if (policy === null || policy === "none" || ways.length === 0) return [];
  const shown = records.filter(
    ({ record }) => isKey(record.purpose) || (record.purpose === "spf" && record.name === domain),
  );
  return [
    {
      kind: "dmarc-unaligned",
      about: domain,
      severity: "error",
      sentence: `Mail of ${domain} proves itself neither by DKIM nor by SPF, and its DMARC policy has receivers ${policy} it.`,
      evidence: shown.map(({ record, verdict }) => `${record.name} ${record.type}: ${verdict.sentence}`),
      why: isRelayed
        ? "It leaves through a smarthost, whose addresses and signature are its own: only a DKIM signature of the domain is aligned with From."
        : "DMARC passes when the signature (d=) or the envelope sender that SPF lets through has the domain of From; nothing of that passes now.",
      fix: "Publish the DKIM records of the domain first, then SPF; until they are seen, take DMARC back to p=none.",
    },
  ];
}

function isKey(purpose: PlannedRecord["purpose"]): boolean {
  return purpose === "dkim" || purpose === "dkim-alias";
}
