import {
  type AskingDns,
  answerLookups,
  askReportConsent,
  countSpfCost,
  type EvaluatedSpf,
  evaluateSpf,
  inheritCaa,
  inheritDmarc,
  type NameServerAnswer,
  type PlannedRecord,
  type RecordContext,
  type RecordPurpose,
  receiverPolicy,
  spfRecordsOf,
  strangerAddress,
} from "@mailstead/core/dns";
import type { DnsView } from "./dns-view.ts";

/** A planned record with what every name server of its zone said. */
export interface AskedRecord {
  record: PlannedRecord;
  answers: NameServerAnswer[];
}

type Checked = { asked: readonly AskedRecord[]; view: DnsView };

/** Finds out what the judgement of a record needs beyond the answers under its own name. */
export async function contextOf(one: AskedRecord, { asked, view }: Checked): Promise<RecordContext> {
  const ask = <Result>(decision: AskingDns<Result>) =>
    answerLookups(decision, (lookup) => view.answer(lookup));
  const { record } = one;
  switch (record.purpose) {
    case "mx":
    case "backup-mx":
      return {
        mailHosts: mailHostsOf(asked, ["mx", "backup-mx"]),
        backupHosts: mailHostsOf(asked, ["backup-mx"]),
        aliases: aliasesOf(asked),
      };
    case "spf":
      return {
        spf: await evaluateAll(one, { hosts: senderRecords(record, asked), view }),
        plannedSpfCost: await ask(countSpfCost(record.name, record.value)),
      };
    case "host-spf":
      return { spf: await evaluateAll(one, { hosts: senderRecords(record, asked), view }) };
    case "dmarc":
    case "no-mail-dmarc":
      return { ...(await inheritedDmarcOf(one, view)), ...(await reportConsentOf(one, view)) };
    case "report-consent": {
      const [domain = "", host = ""] = record.name.split("._report._dmarc.");
      return { reportConsent: await ask(askReportConsent(domain, `v=DMARC1; rua=mailto:reports@${host}`)) };
    }
    case "bimi":
      return dmarcPolicyOf(asked, view);
    case "caa":
      return hasValues(one) ? {} : { inheritedCaa: await ask(inheritCaa(record.name)) };
    case "tlsa":
    case "sshfp":
      return { siblings: siblingsOf(record, asked) };
    case "web-name":
      return { leadsTo: await addressesOf(record.name, view) };
    default:
      return {};
  }
}

async function inheritedDmarcOf(
  one: AskedRecord,
  view: DnsView,
): Promise<Pick<RecordContext, "inheritedDmarc">> {
  const domain = one.record.name.replace(/^_dmarc\./, "");
  return hasValues(one)
    ? {}
    : { inheritedDmarc: await answerLookups(inheritDmarc(domain), (lookup) => view.answer(lookup)) };
}

/** Of the record that stands there, else of the planned one, so that it is known before that is published. */
async function reportConsentOf(
  one: AskedRecord,
  view: DnsView,
): Promise<Pick<RecordContext, "reportConsent">> {
  const domain = one.record.name.replace(/^_dmarc\./, "");
  const shown = valuesOf(one).find((value) => value.includes("rua") || value.includes("ruf"));
  const decision = askReportConsent(domain, shown ?? one.record.value);
  return { reportConsent: await answerLookups(decision, (lookup) => view.answer(lookup)) };
}

/** What receivers do with mail that is not aligned, where that could be asked. */
export async function dmarcPolicyOf(
  asked: readonly AskedRecord[],
  view: DnsView,
): Promise<Pick<RecordContext, "dmarcPolicy">> {
  const dmarc = asked.find(({ record }) => record.purpose === "dmarc");
  if (dmarc === undefined) return {};
  const { inheritedDmarc = { kind: "none" } } = await inheritedDmarcOf(dmarc, view);
  return inheritedDmarc.kind === "failed"
    ? {}
    : { dmarcPolicy: receiverPolicy(valuesOf(dmarc), inheritedDmarc) };
}

/** Where a name leads in the end; what could not be asked leads nowhere that is known. */
async function addressesOf(name: string, view: DnsView): Promise<string[]> {
  const answers = await Promise.all((["A", "AAAA"] as const).map((type) => view.answer({ name, type })));
  return answers.flatMap((answer) => (answer.kind === "found" ? answer.values : []));
}

function valuesOf({ answers }: AskedRecord): readonly string[] {
  const heard = answers.find((answer) => answer.kind === "answered" && answer.values.length > 0);
  return heard?.kind === "answered" ? heard.values : [];
}

function hasValues(one: AskedRecord): boolean {
  return valuesOf(one).length > 0;
}

function siblingsOf({ name, type }: PlannedRecord, asked: readonly AskedRecord[]): string[] {
  return asked
    .filter(({ record }) => record.name === name && record.type === type)
    .map(({ record }) => record.value);
}

/**
 * Evaluates the SPF record that each server shows, for each address that sends. Several at one server fail whatever they
 * say, and a stranger could show hundreds.
 */
async function evaluateAll(
  { record, answers }: AskedRecord,
  { hosts, view }: { hosts: readonly PlannedRecord[]; view: DnsView },
): Promise<EvaluatedSpf[]> {
  const shown = new Set(
    answers
      .map((answer) => (answer.kind === "answered" ? spfRecordsOf(answer.values) : []))
      .flatMap((records) => (records.length === 1 ? records : [])),
  );
  const senders = hosts.filter(({ relayedFor = [] }) => !relayedFor.includes(record.name));
  const isRelayed = senders.length < hosts.length;
  const evaluate = (text: string, { address, hostname }: { address: string; hostname: string }) =>
    answerLookups(
      evaluateSpf({
        address,
        domain: record.name,
        sender: `postmaster@${record.name}`,
        helo: hostname,
        record: text,
      }),
      (lookup) => view.answer(lookup),
    );
  return Promise.all(
    [...shown].map(async (text): Promise<EvaluatedSpf> => {
      const evaluations = senders.map(({ value, name }) =>
        evaluate(text, { address: value, hostname: name }),
      );
      return {
        record: text,
        evaluations: await Promise.all(evaluations),
        stranger: await evaluate(text, { address: strangerAddress, hostname: record.name }),
        isRelayed,
      };
    }),
  );
}

/** Every address of every server sends in the domain's name; in a host's own name only the host's. */
function senderRecords(record: PlannedRecord, asked: readonly AskedRecord[]): PlannedRecord[] {
  return asked
    .map((one) => one.record)
    .filter(
      ({ purpose, name }) => purpose === "host-address" && (record.purpose === "spf" || name === record.name),
    );
}

function mailHostsOf(asked: readonly AskedRecord[], purposes: readonly RecordPurpose[]): string[] {
  return asked.flatMap(({ record }) =>
    purposes.includes(record.purpose) ? [record.value.split(" ")[1] ?? ""] : [],
  );
}

function aliasesOf(asked: readonly AskedRecord[]): Map<string, string> {
  return new Map(
    asked.flatMap(({ record, answers }) => {
      const alias = answers.find((answer) => answer.kind === "alias");
      return record.purpose === "host-address" && alias?.kind === "alias"
        ? [[record.name, alias.target]]
        : [];
    }),
  );
}
