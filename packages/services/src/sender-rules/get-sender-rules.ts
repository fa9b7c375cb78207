import { rsaBitsOfRecord } from "@mailstead/core/dkim";
import type { RecordVerdict } from "@mailstead/core/dns";
import type { ComplaintDay } from "@mailstead/core/reputation";
import {
  type Complaints,
  type JudgedProvider,
  judgeSender,
  type Part,
  type ProviderFacts,
  providerRules,
  type RecordFact,
  type RuledProvider,
  ruledProviders,
  type SenderFacts,
} from "@mailstead/core/sender-rules";
import { type PeriodVerdicts, type VerdictFact, verdictFigures } from "@mailstead/core/verdicts";
import type { Transaction } from "@mailstead/db";
import { z } from "zod";
import { findingsOfServers } from "../checks/index.ts";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readSenderVolumes, type SenderVolume } from "../delivery/index.ts";
import {
  type DomainRecord,
  type DomainRecords,
  joinVerdicts,
  planDomainRecords,
  readLastCheck,
} from "../domains/index.ts";
import { readComplaints as readToldComplaints } from "../feeds/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { readComplaints } from "../reports/index.ts";
import { readVerdicts } from "../verdicts/index.ts";

const domainInput = z.object({ domainId: z.uuid() });

export interface SenderRulesOverview {
  /** Since when shares were measured; the day with most messages is of all days that are kept. */
  readonly since: Date;
  readonly providers: readonly JudgedProvider[];
  /** A server that sends the domain's mail; null for a domain that is on none. */
  readonly serverId: string | null;
}

const dayMs = 24 * 60 * 60_000;
const measuredForMs = 30 * dayMs;

/** Whether a domain's mail keeps what Gmail, Yahoo, Outlook.com and iCloud ask of senders, by what was measured. Throws `not-found`. */
export function getSenderRules(
  ctx: ServiceContext,
  input: z.input<typeof domainInput>,
): Promise<SenderRulesOverview> {
  const { domainId } = parseInput(domainInput, input);
  return withTransaction(ctx, async (tx) => readSenderRules(tx, await findDomain(tx, domainId), ctx.now()));
}

/** The same of a domain that was found, in the caller's transaction. */
export async function readSenderRules(
  tx: Transaction,
  domain: { id: string; name: string; tenantId: string },
  now: Date,
): Promise<SenderRulesOverview> {
  const since = new Date(Math.floor((now.getTime() - measuredForMs) / dayMs) * dayMs);
  const volumes = await readSenderVolumes(tx, { domain, since });
  const until = new Date(now.getTime() + dayMs);
  const verdicts = await readVerdicts(tx, { domain, from: since, until, by: "days" });
  const span = { from: since, until };
  const told = {
    byFeeds: await readToldComplaints(tx, { domainId: domain.id }, span),
    byReports: await readComplaints(tx, { domainId: domain.id }, span),
  };
  const { senders, ...standing } = await readStanding(tx, domain);
  return {
    since,
    serverId: senders[0] ?? null,
    providers: judgeSender({
      ...standing,
      providers: Object.fromEntries(
        ruledProviders.map((provider) => [provider, providerFacts(provider, volumes, { verdicts, told })]),
      ) as SenderFacts["providers"],
    }),
  };
}

/** What was seen of the domain's records and its servers by the last checks. */
async function readStanding(
  tx: Transaction,
  domain: { id: string; name: string },
): Promise<Omit<SenderFacts, "providers"> & { readonly senders: readonly string[] }> {
  const { records, keys, servers } = await planDomainRecords(tx, domain);
  const check = await readLastCheck(tx, domain.id);
  const judged = joinVerdicts(records, check?.report ?? null);
  const ofPurpose = (isMeant: (record: DomainRecord) => boolean) => recordFact(judged.filter(isMeant));
  const senders = sendersOf(servers);
  const signing = keys.filter(({ isSigning }) => isSigning);
  return {
    spf: ofPurpose(({ purpose, name }) => purpose === "spf" && name === domain.name),
    dkim: ofPurpose(
      ({ purpose, name }) =>
        (purpose === "dkim" || purpose === "dkim-alias") && name.endsWith(`._domainkey.${domain.name}`),
    ),
    dmarc: ofPurpose(({ purpose, name }) => purpose === "dmarc" && name === `_dmarc.${domain.name}`),
    domain: domain.name,
    keyBits: publishedBits(
      judged.filter(
        ({ purpose, name }) => purpose === "dkim" && signing.some((key) => key.recordName === name),
      ),
      signing.some(({ algorithm }) => algorithm === "rsa-2048"),
    ),
    hostProblems: await readHostProblems(tx, senders),
    senders,
  };
}

const keyMadeBits = 2048;

/** The smallest RSA key that the name servers show under the names that sign; before anybody has looked, as it was made. */
function publishedBits(records: readonly DomainRecord[], signsWithRsa: boolean): number | null {
  const shown = records.flatMap(({ verdict }) =>
    (verdict?.answers ?? []).flatMap((answer) => (answer.kind === "answered" ? answer.values : [])),
  );
  const bits = shown.flatMap((value) => rsaBitsOfRecord(value) ?? []);
  if (bits.length > 0) return Math.min(...bits);
  return signsWithRsa ? keyMadeBits : null;
}

/** What Rspamd calls messages that RFC 5322 §3.6 forbids: a header that is missing, there twice, or broken. */
const malformedSymbols = [
  "MISSING_DATE",
  "MISSING_FROM",
  "MISSING_MID",
  "MULTIPLE_FROM",
  "MULTIPLE_UNIQUE_HEADERS",
  "BROKEN_HEADERS",
  "INVALID_DATE",
  "INVALID_MSGID",
] as const;

/** A message may have several of these faults, so at least as many are malformed as have the most frequent one. */
function countMalformed(verdicts: readonly PeriodVerdicts[]): number {
  return Math.max(
    ...malformedSymbols.map((symbol) =>
      verdicts.reduce((sum, { symbols }) => sum + (symbols[symbol] ?? 0), 0),
    ),
  );
}

const isGood = ({ kind }: RecordVerdict) => kind === "ok" || kind === "attention";
const isWrong = ({ kind }: RecordVerdict) => kind === "missing" || kind === "different";

/** One of several records that serve the same end is enough, as of two keys while they take turns. */
function recordFact(records: readonly DomainRecord[]): RecordFact {
  const verdicts = records.flatMap(({ verdict }) => verdict ?? []);
  const telling = verdicts.find(isGood) ?? verdicts.find(isWrong);
  if (telling === undefined) return { isRight: null, sentence: verdicts[0]?.sentence ?? "" };
  return { isRight: isGood(telling), sentence: telling.sentence };
}

/** What receivers hold against the name and the addresses of a server. */
const nameFindings = [
  "ptr-missing",
  "ptr-generic",
  "ptr-unconfirmed",
  "ptr-differs",
  "host-address-missing",
  "helo-differs",
];

/** Where others send for the home, receivers meet them and never the home. */
function sendersOf(servers: DomainRecords["servers"]): string[] {
  const outbound = servers.filter(({ role, leavesSince }) => role === "outbound" && leavesSince === null);
  const homes = servers.filter(({ role }) => role === "home");
  return (outbound.length > 0 ? outbound : homes).map(({ id }) => id);
}

async function readHostProblems(
  tx: Transaction,
  senders: readonly string[],
): Promise<SenderFacts["hostProblems"]> {
  const findings = await findingsOfServers(tx, senders);
  const problems = [...findings].flatMap(([serverId, own]) =>
    own.filter(({ kind }) => nameFindings.includes(kind)).map(({ sentence }) => ({ serverId, sentence })),
  );
  const isWholeSeen = senders.length > 0 && senders.every((id) => findings.has(id));
  return problems.length > 0 || isWholeSeen ? problems : null;
}

function providerFacts(
  provider: RuledProvider,
  volumes: readonly SenderVolume[],
  { verdicts, told }: { verdicts: readonly PeriodVerdicts[]; told: ToldOfDomain },
): ProviderFacts {
  const volume = volumes.find((one) => one.provider === provider);
  const own = verdicts.filter(
    (one) => one.direction === "outbound" && one.provider === provider && one.action !== "rejected",
  );
  const { messages, facts } = verdictFigures(own);
  const part = (fact: VerdictFact, of: number): Part => ({ count: facts[fact] ?? 0, of });
  return {
    peak: (providerRules[provider].countsSubdomains ? volume?.peakWithSubdomains : volume?.peak) ?? null,
    overTls: { count: volume?.overTls ?? 0, of: volume?.delivered ?? 0 },
    signed: part("signed", messages),
    aligned: part("aligned", messages),
    oneClick: part("one-click", facts.bulk ?? 0),
    wellFormed: { count: Math.max(0, messages - countMalformed(own)), of: messages },
    complaints: complaintsOf(provider, told, volume?.delivered ?? 0),
  };
}

interface ToldOfDomain {
  readonly byFeeds: readonly ComplaintDay[];
  readonly byReports: readonly ComplaintDay[];
}

/**
 * A provider's own share counts before complaints that are passed on one by one. No complaint is no measure: nobody knows
 * whether the provider would pass one on.
 */
function complaintsOf(
  provider: RuledProvider,
  { byFeeds, byReports }: ToldOfDomain,
  delivered: number,
): Complaints | null {
  const shares = byFeeds.flatMap((one) =>
    one.provider === provider && one.share !== null ? [one.share] : [],
  );
  if (shares.length > 0) {
    const mean = (end: "lower" | "upper") =>
      shares.reduce((sum, share) => sum + share[end], 0) / shares.length;
    return { kind: "told", lower: mean("lower"), upper: mean("upper"), days: shares.length };
  }
  const count = byReports
    .filter((one) => one.provider === provider)
    .reduce((sum, { complaints }) => sum + (complaints ?? 0), 0);
  return count === 0 || delivered === 0 ? null : { kind: "passed-on", count, of: delivered };
}
