import { inheritDmarc, isDmarc, tagsOf } from "./dmarc-record.ts";
import type { AskingDns } from "./dns-lookup.ts";
import type { PlannedRecord } from "./planned-record.ts";
import { different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";

/** Whether a domain that is named for reports agrees to take them, and the record by which it would. */
export interface ReportConsent {
  kind: "given" | "missing" | "unknown";
  /** The domain that reports are sent to. */
  receiver: string;
  /** What stands, or ought to, in the receiver's zone, as a line of a zone file. */
  readyLine: string;
}

// Reports to more places than this are asked for by nobody who means well, and each costs questions.
const receiversMax = 10;

/**
 * Asks whether everybody agrees to whom a domain's DMARC record sends reports. Those of the same organisation need not
 * be asked; any other publishes a record for it, else senders report nothing there (RFC 9990 §4, RFC 7489 §7.1).
 */
export function* askReportConsent(domain: string, record: string): AskingDns<ReportConsent[]> {
  const consents: ReportConsent[] = [];
  let organisation: string | undefined;
  for (const receiver of reportReceivers(record).slice(0, receiversMax)) {
    if (isWithin(receiver, domain) || isWithin(domain, receiver)) continue;
    const name = `${domain}._report._dmarc.${receiver}`;
    const readyLine = `${name}. IN TXT "v=DMARC1;"`;
    const answer = yield { name, type: "TXT" };
    if (answer.kind === "found" && answer.values.some(isDmarc)) {
      consents.push({ kind: "given", receiver, readyLine });
      continue;
    }
    organisation ??= yield* organisationOf(domain);
    if ((yield* organisationOf(receiver)) === organisation) continue;
    consents.push({ kind: answer.kind === "failed" ? "unknown" : "missing", receiver, readyLine });
  }
  return consents;
}

/** The domains of the mail addresses that a DMARC record names for reports. */
export function reportReceivers(record: string): string[] {
  const tags = tagsOf(record);
  const addresses = ["rua", "ruf"].flatMap((tag) => (tags.get(tag) ?? "").split(","));
  const receivers = addresses.flatMap((uri) => {
    // A size may follow the address: mailto:a@b.example!10m (RFC 7489 §6.2).
    const [, domain] = /^\s*mailto:[^@\s]+@([a-z0-9.-]+)(?:!\d+[kmgt]?)?\s*$/i.exec(uri) ?? [];
    return domain === undefined ? [] : [domain.toLowerCase().replace(/\.$/, "")];
  });
  return [...new Set(receivers)];
}

/** Judges the record of a host's by which it agrees; none is needed within one organisation. */
export function judgeConsentRecord(
  values: readonly string[],
  consent: readonly ReportConsent[] | undefined,
): RecordJudgement {
  if (values.some(isDmarc)) return rightAsIs;
  if (consent?.length === 0)
    return {
      kind: "ok",
      sentence: "The host's name belongs to the same organisation, so nobody asks for this record.",
    };
  return values.length === 0
    ? { kind: "missing" }
    : different("a TXT record stands here, but it does not start with v=DMARC1");
}

/** What to say of a record that does what it is for, and by which no report comes to the host. */
export function withReportsHere(
  judgement: RecordJudgement,
  { planned, values }: { planned: Pick<PlannedRecord, "value">; values: readonly string[] },
): RecordJudgement {
  const addressesOf = (record: string) =>
    (tagsOf(record).get("rua") ?? "")
      .toLowerCase()
      .split(",")
      .map((address) => address.trim().replace(/!\d+[kmgt]?$/, ""))
      .filter((address) => address !== "");
  const found = addressesOf(values.find(isDmarc) ?? "");
  const lacking = addressesOf(planned.value).filter((address) => !found.includes(address));
  if (judgement.kind !== "ok" || judgement.sentence !== undefined || lacking.length === 0) return judgement;
  return { kind: "ok", sentence: `It protects the domain, but names no reports for ${lacking.join(", ")}.` };
}

/** The organisational domain of a name, found by walking up the tree (RFC 9989 §4.10.2). */
function* organisationOf(domain: string): AskingDns<string> {
  const own = yield { name: `_dmarc.${domain}`, type: "TXT" };
  const record = own.kind === "found" ? own.values.find(isDmarc) : undefined;
  if (record !== undefined && tagsOf(record).get("psd")?.toLowerCase() === "n") return domain;
  const inherited = yield* inheritDmarc(domain);
  if (inherited.kind !== "inherited") return domain;
  const above = inherited.name.replace(/^_dmarc\./, "");
  if (tagsOf(inherited.record).get("psd")?.toLowerCase() !== "y") return above;
  return domain
    .split(".")
    .slice(-(above.split(".").length + 1))
    .join(".");
}

function isWithin(name: string, domain: string): boolean {
  return `.${name}`.endsWith(`.${domain}`);
}
