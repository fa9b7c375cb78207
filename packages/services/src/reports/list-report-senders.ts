import { type DeliverySpan, deliverySpanNames, deliverySpans } from "@mailstead/core/delivery";
import { networkOf } from "@mailstead/core/dns";
import {
  adviseOnSource,
  judgeSources,
  type ReportSource,
  type SourceAdvice,
  type SourceOrigin,
  type SourceRow,
} from "@mailstead/core/reports";
import { dmarcRows, domains, receivedReports, type Transaction, tenants } from "@mailstead/db";
import { and, desc, eq, gte, sql } from "drizzle-orm";
import { z } from "zod";
import {
  type Database,
  type Installation,
  parseInput,
  type ServiceContext,
  type SystemContext,
  withTransaction,
} from "../context/index.ts";
import { readMailWishes } from "../domains/index.ts";
import { keepAnswers, readAnswer } from "../kept-answers/index.ts";
import { readOwnHosts } from "./own-hosts.ts";
import { isOfDomain } from "./read-own-dmarc.ts";
import { sourceColumns } from "./read-reports.ts";

const whose = ["unknown", "service", "ours", "all"] as const;
const input = z.object({
  span: z.enum(deliverySpanNames).default("month"),
  tenantId: z.uuid().optional(),
  search: z.string().max(200).optional(),
  whose: z.enum(whose).default("unknown"),
  /** How many rows lie before the page. */
  cursor: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
  limit: z.int().min(1).max(500).default(25),
});

/** A domain in whose name a sender wrote. */
export interface SpokenFor {
  readonly id: string;
  readonly name: string;
  readonly tenantName: string;
  readonly messages: number;
  readonly failed: number;
  /** What receivers do with what fails, as they last told. */
  readonly policy: string | null;
}

/** A network, or a known service, that mail in the name of some of our domains came from. */
export interface ReportSender {
  readonly id: string;
  /** As 203.0.113.0/24; null where the reports name no address, and of a service with many networks. */
  readonly network: string | null;
  readonly origin: SourceOrigin;
  readonly advice: SourceAdvice;
  /** Those with most messages first. */
  readonly addresses: readonly string[];
  readonly addressCount: number;
  /** Names that signed or were the envelope sender's. */
  readonly seenDomains: readonly string[];
  readonly provenDomains: readonly string[];
  readonly domains: readonly SpokenFor[];
  readonly domainCount: number;
  readonly messages: number;
  readonly passed: number;
  readonly quarantined: number;
  readonly rejected: number;
  /** Of what failed, how much receivers took all the same. */
  readonly letIn: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface ReportSenderPage {
  readonly rows: readonly ReportSender[];
  readonly total: number;
  readonly nextCursor: string | null;
  /** Over all senders of that kind. */
  readonly sums: { readonly messages: number; readonly failed: number; readonly letIn: number };
  /** How many domains have reports in this time, and how many messages those tell of. */
  readonly reported: { readonly domains: number; readonly messages: number };
  /** When the worker added this up; null where it was added up for whoever asked. */
  readonly keptAt: Date | null;
}

/** Who sent mail in the name of all domains, by receivers' DMARC reports; by default only those who are not known here. */
export async function listReportSenders(
  ctx: ServiceContext,
  asked: z.input<typeof input> = {},
): Promise<ReportSenderPage> {
  const { span, tenantId, search = "", whose: kind, cursor = "0", limit } = parseInput(input, asked);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const from = new Date(ctx.now().getTime() - deliverySpans[span]);
  const { senders, reported, keptAt } = await withTransaction(
    ctx,
    async (tx) => (await readKept(tx, { span, tenantId, ctx })) ?? readSenders(tx, { from, tenantId }),
  );
  const rows = senders
    .filter((row) => kind === "all" || isOf(kind, row))
    .filter((row) => words.every((word) => soughtIn(row).includes(word)))
    .sort((a, b) => worth(b) - worth(a) || b.messages - a.messages || a.id.localeCompare(b.id));
  const start = Number(cursor);
  const end = start + limit;
  const sum = (of: (row: ReportSender) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    rows: rows.slice(start, end),
    total: rows.length,
    nextCursor: end < rows.length ? String(end) : null,
    sums: {
      messages: sum(({ messages }) => messages),
      failed: sum(({ messages, passed }) => messages - passed),
      letIn: sum(({ letIn }) => letIn),
    },
    reported,
    keptAt,
  };
}

interface Senders extends Pick<ReportSenderPage, "reported" | "keptAt"> {
  readonly senders: readonly ReportSender[];
}

async function readSenders(
  tx: Transaction,
  asked: { from: Date; tenantId: string | undefined },
): Promise<Senders> {
  const { sources, reported } = await readJudged(tx, asked);
  return {
    senders: [...Map.groupBy(sources, keyOf)].map(([id, own]) => senderOf(id, own)),
    reported,
    keptAt: null,
  };
}

/**
 * Keeps who sent in the name of the domains of large organisations and customers: their reports are hundreds of thousands of
 * rows, judged domain by domain. Idempotent. Gives the organisations in which that failed.
 */
export function keepReportSenders(
  ctx: SystemContext,
  deps: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  return keepAnswers(ctx, deps, {
    question: "senders",
    ask: (tx, { span, tenantId, now }) =>
      readSenders(tx, { from: new Date(now.getTime() - deliverySpans[span]), tenantId }),
  });
}

async function readKept(
  tx: Transaction,
  { span, tenantId, ctx }: { span: DeliverySpan; tenantId: string | undefined; ctx: ServiceContext },
): Promise<Senders | null> {
  if (span === "day") return null;
  const asked = { span, tenantId: tenantId ?? ctx.tenantId, now: ctx.now() };
  const kept = await readAnswer<Senders>(tx, { question: "senders", ...asked });
  return kept === null
    ? null
    : {
        ...kept.answer,
        keptAt: kept.keptAt,
        senders: kept.answer.senders.map((sender) => ({
          ...sender,
          firstAt: new Date(sender.firstAt),
          lastAt: new Date(sender.lastAt),
        })),
      };
}

/** A service whose mail no setting lets in is as unknown as a stranger: nobody here has said that it is theirs. */
function isOf(kind: "unknown" | "service" | "ours", { origin }: ReportSender): boolean {
  if (kind === "unknown")
    return origin.kind === "unknown" || (origin.kind === "service" && !origin.isExpected);
  return origin.kind === kind;
}

/** What fails and is believed weighs more than what fails. */
const worth = ({ messages, passed, letIn, advice }: ReportSender): number =>
  messages - passed + letIn + (advice === "passes" ? messages * 2 : 0);

const soughtIn = ({ network, addresses, seenDomains, domains: own }: ReportSender): string =>
  [network ?? "", ...addresses, ...seenDomains, ...own.flatMap(({ name, tenantName }) => [name, tenantName])]
    .join(" ")
    .toLowerCase();

interface Judged {
  readonly source: ReportSource;
  readonly domain: Omit<SpokenFor, "messages" | "failed">;
  readonly letIn: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

function keyOf({ source: { origin, sourceIp } }: Judged): string {
  if (origin.kind === "service") return `service ${origin.service} ${origin.isExpected}`;
  if (origin.kind === "ours" && origin.via !== "passed-on") return `ours ${origin.name}`;
  return `${origin.kind} ${sourceIp === null ? "" : networkOf(sourceIp)}`;
}

const addressesShownMax = 50;
const namesShownMax = 8;
const domainsShownMax = 50;

function senderOf(id: string, own: readonly [Judged, ...Judged[]] | readonly Judged[]): ReportSender {
  const sources = own.map(({ source }) => source);
  const sum = (of: (source: ReportSource) => number) =>
    sources.reduce((total, source) => total + of(source), 0);
  const distinct = (values: readonly string[]) => [...new Set(values)];
  const origin = sources[0]?.origin ?? { kind: "unknown" };
  const addresses = countedNames(
    sources.flatMap(({ sourceIp, messages }) => (sourceIp === null ? [] : [{ name: sourceIp, messages }])),
  );
  const networks = distinct(addresses.map(networkOf));
  const spokenFor = spokenForOf(own);
  const whole = {
    origin,
    messages: sum(({ messages }) => messages),
    passed: sum(({ passed }) => passed),
    quarantined: sum(({ quarantined }) => quarantined),
    rejected: sum(({ rejected }) => rejected),
    provenDomains: distinct(sources.flatMap(({ provenDomains }) => provenDomains)).slice(0, namesShownMax),
  };
  return {
    id,
    ...whole,
    network: networks.length === 1 ? (networks[0] ?? null) : null,
    advice: adviseOnSource(whole),
    addresses: addresses.slice(0, addressesShownMax),
    addressCount: addresses.length,
    // That it claims to be the domains themselves is said beside it.
    seenDomains: distinct(sources.flatMap(({ seenDomains }) => seenDomains))
      .filter((name) => !spokenFor.some((domain) => domain.name === name))
      .slice(0, namesShownMax),
    domains: spokenFor.slice(0, domainsShownMax),
    domainCount: spokenFor.length,
    letIn: own.reduce((total, { letIn }) => total + letIn, 0),
    firstAt: new Date(Math.min(...own.map(({ firstAt }) => firstAt.getTime()))),
    lastAt: new Date(Math.max(...own.map(({ lastAt }) => lastAt.getTime()))),
  };
}

function countedNames(counted: readonly { name: string; messages: number }[]): string[] {
  return [...Map.groupBy(counted, ({ name }) => name)]
    .map(([name, own]) => ({ name, messages: own.reduce((sum, { messages }) => sum + messages, 0) }))
    .sort((a, b) => b.messages - a.messages || a.name.localeCompare(b.name))
    .map(({ name }) => name);
}

function spokenForOf(own: readonly Judged[]): SpokenFor[] {
  return [...Map.groupBy(own, ({ domain }) => domain.id).values()]
    .flatMap((some) => {
      const [first] = some;
      if (first === undefined) return [];
      const messages = some.reduce((sum, { source }) => sum + source.messages, 0);
      const passed = some.reduce((sum, { source }) => sum + source.passed, 0);
      return [{ ...first.domain, messages, failed: messages - passed }];
    })
    .sort((a, b) => b.failed - a.failed || b.messages - a.messages);
}

/** Ways to fare beyond which the rarest are left out. */
const rowsMax = 50_000;

async function readJudged(
  tx: Transaction,
  asked: { from: Date; tenantId: string | undefined },
): Promise<{ sources: Judged[]; reported: ReportSenderPage["reported"] }> {
  const rows = await readRows(tx, asked);
  const policies = await readPolicies(tx, asked);
  const byDomain = Map.groupBy(rows, ({ domainId }) => domainId);
  const hosts = await readOwnHosts(tx, [...byDomain.keys()]);
  const sources: Judged[] = [];
  for (const [domainId, own] of byDomain) {
    const [first] = own;
    const who = hosts.get(domainId);
    if (first === undefined || who === undefined) continue;
    const judge = (includes: readonly string[]) =>
      judgeSources(own, {
        domain: first.domainName,
        servers: who.hosts.map(({ name, ipAddresses }) => ({ name, addresses: ipAddresses })),
        smarthosts: who.smarthosts(first.domainName),
        selectors: who.selectors,
        includes,
      });
    let judged = judge([]);
    // What the settings let in is read only where it makes a difference.
    if (judged.some(({ origin }) => origin.kind === "service"))
      judged = judge((await readMailWishes(tx, domainId)).settings.spf.includes);
    const times = Map.groupBy(own, ({ sourceIp }) => sourceIp);
    sources.push(
      ...judged.map((source) => {
        const seen = times.get(source.sourceIp) ?? [];
        return {
          source,
          domain: {
            id: domainId,
            name: first.domainName,
            tenantName: first.tenantName,
            policy: policies.get(domainId)?.policy ?? null,
          },
          letIn: seen.reduce((sum, row) => sum + (isLetIn(row) ? row.messages : 0), 0),
          firstAt: new Date(Math.min(...seen.map(({ firstAt }) => firstAt.getTime()))),
          lastAt: new Date(Math.max(...seen.map(({ lastAt }) => lastAt.getTime()))),
        };
      }),
    );
  }
  return {
    sources,
    reported: {
      domains: policies.size,
      messages: [...policies.values()].reduce((sum, { messages }) => sum + messages, 0),
    },
  };
}

const isLetIn = ({ isDkimAligned, isSpfAligned, disposition }: SourceRow): boolean =>
  !isDkimAligned && !isSpfAligned && disposition !== "quarantine" && disposition !== "reject";

async function readRows(
  tx: Transaction,
  { from, tenantId }: { from: Date; tenantId: string | undefined },
): Promise<
  (SourceRow & { domainId: string; domainName: string; tenantName: string; firstAt: Date; lastAt: Date })[]
> {
  const messages = sql<number>`sum(${dmarcRows.messages})`.mapWith(Number);
  return tx
    .select({
      domainId: domains.id,
      domainName: domains.name,
      tenantName: tenants.name,
      ...sourceColumns,
      messages,
      firstAt: sql<Date>`min(${dmarcRows.endsAt})`.mapWith(dmarcRows.endsAt),
      lastAt: sql<Date>`max(${dmarcRows.endsAt})`.mapWith(dmarcRows.endsAt),
    })
    .from(dmarcRows)
    .innerJoin(domains, isOfDomain)
    .innerJoin(tenants, eq(tenants.id, domains.tenantId))
    .where(
      and(gte(dmarcRows.endsAt, from), tenantId === undefined ? undefined : eq(dmarcRows.tenantId, tenantId)),
    )
    .groupBy(
      domains.id,
      domains.name,
      tenants.name,
      dmarcRows.sourceIp,
      dmarcRows.disposition,
      dmarcRows.isDkimAligned,
      dmarcRows.isSpfAligned,
      dmarcRows.dkim,
      dmarcRows.spf,
      dmarcRows.reasons,
    )
    .orderBy(desc(messages))
    .limit(rowsMax);
}

/** The policy that each domain's last report found, and how much mail its reports tell of. */
async function readPolicies(
  tx: Transaction,
  { from, tenantId }: { from: Date; tenantId: string | undefined },
): Promise<ReadonlyMap<string, { policy: string | null; messages: number }>> {
  const rows = await tx
    .select({
      domainId: domains.id,
      policy: sql<
        string | null
      >`(array_agg(${receivedReports.policy} order by ${receivedReports.endsAt} desc))[1]`,
      messages: sql<number>`sum(${receivedReports.total})`.mapWith(Number),
    })
    .from(receivedReports)
    .innerJoin(
      domains,
      and(
        eq(domains.organisationId, receivedReports.organisationId),
        eq(domains.tenantId, receivedReports.tenantId),
        eq(domains.name, receivedReports.domain),
      ),
    )
    .where(
      and(
        eq(receivedReports.kind, "dmarc"),
        gte(receivedReports.endsAt, from),
        tenantId === undefined ? undefined : eq(receivedReports.tenantId, tenantId),
      ),
    )
    .groupBy(domains.id);
  return new Map(rows.map(({ domainId, ...row }) => [domainId, row]));
}
