import { type CheckFinding, isDmarc, spfRecordsOf, tagsOf, zoneFileLine } from "../dns/index.ts";
import { evidenceOfRecords, type ShownRecords } from "./shown-records.ts";

export type DmarcFindingKind =
  | "dmarc-at-apex"
  | "spf-at-dmarc"
  | "dmarc-old-tags"
  | "dmarc-report-address"
  | "dmarc-receiver-mail";

type Finding = CheckFinding<DmarcFindingKind>;

export interface DmarcTextFacts {
  domain: string;
  /** TXT at the domain's own name; null when nobody could be asked. */
  apex: ShownRecords | null;
  /** TXT under _dmarc; null when nobody could be asked. */
  dmarc: ShownRecords | null;
  /** Domains that reports go to and that can take no mail. */
  deafReceivers: readonly string[];
}

/** RFC 9989 took them out: receivers pass over them. */
const oldTags = ["pct", "rf", "ri"] as const;

/** Judges how DMARC is written and where. What the policy asks for is judged with the record itself. */
export function judgeDmarcTexts(facts: DmarcTextFacts): Finding[] {
  const own = facts.dmarc?.values.filter(isDmarc) ?? [];
  return [
    ...atApex(facts),
    ...spfAtDmarc(facts),
    ...(own.length === 1 && facts.dmarc !== null
      ? tagFindings(facts.domain, { shown: facts.dmarc, record: own[0] ?? "" })
      : []),
    ...deafReceivers(facts),
  ];
}

function atApex({ domain, apex }: DmarcTextFacts): Finding[] {
  const misplaced = apex?.values.filter(isDmarc) ?? [];
  if (apex === null || misplaced.length === 0) return [];
  return [
    {
      kind: "dmarc-at-apex",
      about: domain,
      severity: "warning",
      sentence: `A DMARC record stands at ${domain} itself, where nobody looks for it.`,
      evidence: evidenceOfRecords(apex, misplaced),
      why: "Receivers ask for it under _dmarc alone, so what this one says is not done.",
      fix: `Publish it at _dmarc.${domain}, unless one stands there, and take this one out.`,
      record: zoneFileLine({ name: `_dmarc.${domain}`, type: "TXT", value: misplaced[0] ?? "" }),
    },
  ];
}

function spfAtDmarc({ domain, dmarc }: DmarcTextFacts): Finding[] {
  const misplaced = spfRecordsOf(dmarc?.values ?? []);
  if (dmarc === null || misplaced.length === 0) return [];
  return [
    {
      kind: "spf-at-dmarc",
      about: domain,
      severity: "warning",
      sentence: `An SPF record stands at _dmarc.${domain}, where nobody looks for it.`,
      evidence: evidenceOfRecords(dmarc, misplaced),
      why: "Receivers ask for SPF at the domain itself; what this one allows is not allowed.",
      fix: `Take it out, and put what it allows into the SPF record of ${domain}.`,
    },
  ];
}

function tagFindings(domain: string, { shown, record }: { shown: ShownRecords; record: string }): Finding[] {
  const tags = tagsOf(record);
  const uris = ["rua", "ruf"].flatMap((tag) =>
    (tags.get(tag) ?? "").split(",").map((uri) => ({ tag, uri: uri.trim() })),
  );
  // Beside t=y it says the same to receivers that know only RFC 7489.
  const isSaidTwice = tags.get("t")?.toLowerCase() === "y" && tags.get("pct") === "0";
  const old = oldTags
    .filter((tag) => tags.has(tag) && !(tag === "pct" && isSaidTwice))
    .map((tag) => `${tag}=`);
  const sized = uris.filter(({ uri }) => /^mailto:.*!\d+[kmgt]?$/i.test(uri));
  const evidence = evidenceOfRecords(shown, [record]);
  const found: Finding[] = [];
  if (old.length > 0 || sized.length > 0)
    found.push({
      kind: "dmarc-old-tags",
      about: domain,
      severity: "instruction",
      sentence: `The DMARC record of ${domain} still has ${[...old, ...(sized.length > 0 ? ["a size behind an address"] : [])].join(", ")}, which count no more.`,
      evidence,
      why: "RFC 9989 took them out, so receivers pass over them; a policy that was meant for a part of the mail holds for all of it.",
      fix: "Take them out; to try a policy out, use t=y.",
      record: zoneFileLine({ name: shown.name, type: "TXT", value: withoutOldTags(record) }),
    });
  const wrong = uris.filter(({ uri }) => uri !== "" && !isReportAddress(uri));
  if (wrong.length > 0)
    found.push({
      kind: "dmarc-report-address",
      about: domain,
      severity: "warning",
      sentence: `${wrong.map(({ tag, uri }) => `${tag}=${uri}`).join(", ")} in the DMARC record of ${domain} is no address that reports can go to.`,
      evidence,
      why: "Nobody sends reports there, and forged mail stays unseen.",
      fix: "Write each address as mailto:name@domain, with a comma between two.",
    });
  return found;
}

function deafReceivers({ domain, dmarc, deafReceivers: deaf }: DmarcTextFacts): Finding[] {
  return deaf.map((receiver) => ({
    kind: "dmarc-receiver-mail",
    about: `${domain} to ${receiver}`,
    severity: "warning",
    sentence: `DMARC reports about ${domain} go to ${receiver}, which takes no mail.`,
    evidence: [
      ...(dmarc === null ? [] : evidenceOfRecords(dmarc, dmarc.values.filter(isDmarc))),
      `${receiver} has no MX that leads to an address`,
    ],
    why: "The reports come back to their senders, and forged mail stays unseen.",
    fix: `Name an address that takes mail, or give ${receiver} an MX record.`,
  }));
}

function isReportAddress(uri: string): boolean {
  return /^mailto:[^@\s!]+@[a-z0-9.-]+(!\d+[kmgt]?)?$/i.test(uri) || /^https:\/\/\S+$/i.test(uri);
}

function withoutOldTags(record: string): string {
  return record
    .split(";")
    .filter((part) => !oldTags.some((tag) => new RegExp(`^\\s*${tag}\\s*=`, "i").test(part)))
    .map((part) => part.replace(/(mailto:[^,!]+)!\d+[kmgt]?/gi, "$1"))
    .join(";");
}
