import { domainToASCII } from "node:url";
import type { ReportBatch, ToldAggregate, ToldRow } from "@mailstead/core/reports";
import { dkimKeys, domains } from "@mailstead/db";
import { and, eq, min } from "drizzle-orm";
import { withTransaction } from "../context/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { epochOf } from "./delivery-story.ts";
import type { DemoServer } from "./fleet.ts";
import type { DemoStage } from "./tell-server.ts";

const dayMs = 86_400_000;
const daysTold = 30;

/** Of a hundred messages, how many each receiver reports of. */
const reporters: readonly (readonly [name: string, share: number])[] = [
  ["google.com", 34],
  ["Outlook.com", 30],
  ["Yahoo", 5],
];

/** Tells what receivers reported of each domain of a server, every day of the last month. */
export async function tellReports(stage: DemoStage, serverId: string, demo: DemoServer): Promise<void> {
  const today = Math.floor(stage.clock.now.getTime() / dayMs) * dayMs;
  // Nobody reports of a domain whose records name no address.
  const reported = (await readReported(stage, serverId)).flatMap(({ name, selector }) => {
    const domain = demo.domains.find((one) => domainToASCII(one.name) === name);
    if (domain === undefined || domain.dns === "no-dmarc" || domain.dns === "nothing") return [];
    return [{ name, selector, mailboxes: domain.mailboxes }];
  });
  const batches = Array.from({ length: daysTold }, (_, ago) => today - (daysTold - 1 - ago) * dayMs).map(
    (endMs): ReportBatch => {
      const day = { endMs, isToday: endMs === today };
      return {
        aggregates: reported.flatMap((domain) =>
          reporters.map((reporter) => aggregateOf(stage, { demo, domain, reporter, ...day })),
        ),
        tls: reported.map((domain) => tlsOf(stage, { demo, domain, ...day })),
        feedback: [],
        troubles: [],
      };
    },
  );
  const complaints = complaintsOf(demo, reported, today);
  let sequence = 0;
  for (const batch of [...batches.flatMap(splitBatch), ...complaints]) {
    sequence += 1;
    await storeTelemetry(stage.system, {
      serverId,
      stream: "reports",
      epoch: epochOf(`${demo.hostname} reports`),
      sequence,
      batch,
    });
  }
}

interface ReportedDomain {
  readonly name: string;
  /** Of a key that signs. */
  readonly selector: string;
  readonly mailboxes: number;
}

function readReported({ people: [person] }: DemoStage, serverId: string) {
  if (person === undefined) throw new Error("the demo has no people");
  return withTransaction(person, (tx) =>
    tx
      .select({ name: domains.name, selector: min(dkimKeys.selector).mapWith(String) })
      .from(dkimKeys)
      .innerJoin(domains, eq(domains.id, dkimKeys.domainId))
      .where(and(eq(dkimKeys.serverId, serverId), eq(dkimKeys.state, "signing")))
      .groupBy(domains.name)
      .orderBy(domains.name),
  );
}

interface Day {
  readonly demo: DemoServer;
  readonly domain: ReportedDomain;
  readonly endMs: number;
  readonly isToday: boolean;
}

function aggregateOf(
  { chance }: DemoStage,
  { demo, domain, reporter: [reporter, share], endMs }: Day & { reporter: readonly [string, number] },
): ToldAggregate {
  const messages = Math.max(1, Math.round((domain.mailboxes * 9 * share * chance.between(70, 130)) / 10_000));
  return {
    reporter,
    reportId: `${domain.name}-${endMs}`,
    part: 0,
    beginS: (endMs - dayMs) / 1000,
    endS: endMs / 1000 - 1,
    domain: domain.name,
    policy: "quarantine",
    subdomainPolicy: null,
    percent: 100,
    rows: [
      rowOf(domain, { sourceIp: demo.ipAddresses[0] ?? null, count: messages }),
      ...forwardedRows(domain, Math.round(messages / 40)),
      ...forgedRows(demo, { domain, count: Math.round(messages / 6) }),
    ],
  };
}

function rowOf(
  domain: ReportedDomain,
  part: Pick<ToldRow, "sourceIp" | "count"> & Partial<ToldRow>,
): ToldRow {
  return {
    disposition: "none",
    isDkimAligned: true,
    isSpfAligned: true,
    headerFrom: domain.name,
    dkim: [{ domain: domain.name, selector: domain.selector, result: "pass" }],
    spf: { domain: domain.name, result: "pass" },
    reasons: [],
    ...part,
  };
}

/** A list or a forwarding mailbox passes some on: SPF fails there, the signature holds. */
function forwardedRows(domain: ReportedDomain, count: number): ToldRow[] {
  if (count === 0) return [];
  return [
    rowOf(domain, {
      sourceIp: "203.0.113.88",
      count,
      isSpfAligned: false,
      spf: { domain: "lists.example.net", result: "pass" },
      reasons: ["forwarded"],
    }),
  ];
}

/** Somebody sends in the name of the domains of a server with trouble. */
function forgedRows(
  demo: DemoServer,
  { domain, count }: { domain: ReportedDomain; count: number },
): ToldRow[] {
  if (demo.trouble === undefined || count === 0) return [];
  return [
    rowOf(domain, {
      sourceIp: "203.0.113.201",
      count: count + 4,
      disposition: "quarantine",
      isDkimAligned: false,
      isSpfAligned: false,
      dkim: [],
      spf: { domain: domain.name, result: "fail" },
    }),
    rowOf(domain, {
      sourceIp: "203.0.113.17",
      count,
      isDkimAligned: false,
      isSpfAligned: false,
      dkim: [{ domain: "mandrillapp.com", selector: "mandrill", result: "pass" }],
      spf: { domain: "mail17.mandrillapp.com", result: "pass" },
    }),
  ];
}

function tlsOf({ chance }: DemoStage, { demo, domain, endMs, isToday }: Day): ReportBatch["tls"][number] {
  const successes = Math.round(domain.mailboxes * chance.between(30, 60) * 0.1);
  const failures = demo.trouble === "gmail-rate" && isToday ? Math.round(successes / 10) + 6 : 0;
  return {
    reporter: "Google Inc.",
    reportId: `${domain.name}-tls-${endMs}`,
    part: 0,
    beginS: (endMs - dayMs) / 1000,
    endS: endMs / 1000 - 1,
    domain: domain.name,
    policyType: "sts",
    successes,
    failures,
    details:
      failures === 0
        ? []
        : [
            {
              type: "certificate-host-mismatch",
              count: failures,
              sendingIp: null,
              receivingHost: demo.hostname,
              reason: null,
            },
          ],
  };
}

/** One report of each domain would be a batch that is too long for a server of many. */
function splitBatch(batch: ReportBatch): ReportBatch[] {
  const size = 15;
  const length = Math.max(Math.ceil(batch.aggregates.length / size), Math.ceil(batch.tls.length / size));
  const part = <T>(all: readonly T[], at: number) => all.slice(at * size, (at + 1) * size);
  return Array.from({ length }, (_, at) => ({
    ...batch,
    aggregates: part(batch.aggregates, at),
    tls: part(batch.tls, at),
  }));
}

function complaintsOf(demo: DemoServer, reported: readonly ReportedDomain[], today: number): ReportBatch[] {
  const [domain] = reported;
  if (demo.trouble === undefined || domain === undefined) return [];
  const feedback = [1, 2, 2, 3, 5].map((daysAgo) => ({
    kind: "complaint" as const,
    type: "abuse",
    reporter: "arf.mail.yahoo.com",
    domains: [domain.name],
    at: today - daysAgo * dayMs + 9 * 3_600_000,
    sourceIp: demo.ipAddresses[0] ?? null,
    incidents: 1,
    dkimDomain: domain.name,
    dkimSelector: domain.selector,
    feedbackId: null,
    failure: null,
    results: { dkim: "pass", spf: "pass" },
  }));
  return [{ aggregates: [], tls: [], feedback, troubles: [] }];
}
