import type { DeliveryCount, ProviderId, ReplyCategory, ReplySample } from "@mailstead/core/delivery";
import type { DemoServer } from "./fleet.ts";

const minuteMs = 60_000;

/** What a receiver holds against a server today, and since when, in minutes before now. */
interface Trouble {
  readonly provider: ProviderId;
  readonly category: ReplyCategory;
  readonly status: "bounced" | "deferred";
  readonly sinceMinutes: number;
  readonly everyMinutes: number;
  readonly failed: number;
  /** Messages that got through all the same, each time. */
  readonly delivered: number;
  readonly relayName: string;
  readonly reply: (address: string) => string;
}

const troubles: Readonly<Record<NonNullable<DemoServer["trouble"]>, Trouble>> = {
  "outlook-block": {
    provider: "outlook",
    category: "ip-reputation",
    status: "bounced",
    sinceMinutes: 250,
    everyMinutes: 20,
    failed: 4,
    delivered: 0,
    relayName: "outlook-com.olc.protection.outlook.com",
    reply: (address) =>
      `550 5.7.1 Unfortunately, messages from [${address}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).`,
  },
  "gmail-rate": {
    provider: "gmail",
    category: "rate-limit",
    status: "deferred",
    sinceMinutes: 160,
    everyMinutes: 20,
    failed: 7,
    delivered: 9,
    relayName: "gmail-smtp-in.l.google.com",
    reply: () =>
      "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail. 421 4.7.28 https://support.google.com/mail/?p=UnsolicitedRateLimitError - gsmtp",
  },
  "yahoo-defers": {
    provider: "yahoo",
    category: "ip-reputation",
    status: "deferred",
    sinceMinutes: 100,
    everyMinutes: 10,
    failed: 3,
    delivered: 0,
    relayName: "mta5.am0.yahoodns.net",
    reply: (address) =>
      `421 4.7.0 [TSS04] Messages from ${address} temporarily deferred due to unexpected volume or user complaints`,
  },
};

/** Whether the story of a trouble tells all that the server sent to the receiver in these hours. */
export function isTroubled({ trouble }: DemoServer, provider: ProviderId | null): boolean {
  return trouble !== undefined && troubles[trouble].provider === provider;
}

/** What the server counted of its trouble. Servers of one event are struck minutes apart, by their name alone. */
export function troubleCounts(demo: DemoServer, until: number): DeliveryCount[] {
  const domain = demo.domains[0]?.name;
  if (demo.trouble === undefined || domain === undefined) return [];
  const { provider, category, status, sinceMinutes, everyMinutes, failed, delivered } =
    troubles[demo.trouble];
  const later = demo.name.length % 7;
  const base = {
    direction: "outbound" as const,
    domain,
    sendingAddress: demo.ipAddresses[0] ?? null,
    provider,
    overTls: 0,
    sizeBytes: failed * 48_000,
    latencies: {},
  };
  return Array.from({ length: Math.floor(sinceMinutes / everyMinutes) }, (_, n) => {
    const at = until - (sinceMinutes - later - n * everyMinutes) * minuteMs;
    const minute = Math.floor(at / minuteMs) * minuteMs;
    const refused = { ...base, minute, status, category, attempts: failed, firstAttempts: failed };
    const sent = { ...base, minute, status: "sent" as const, category: null, attempts: delivered };
    return delivered === 0 ? [refused] : [refused, { ...sent, firstAttempts: delivered, overTls: delivered }];
  }).flat();
}

/** What the receiver said, in its own words. */
export function troubleSamples(demo: DemoServer, until: number): ReplySample[] {
  const domain = demo.domains[0]?.name;
  if (demo.trouble === undefined || domain === undefined) return [];
  const { provider, category, relayName, reply } = troubles[demo.trouble];
  const said = reply(demo.ipAddresses[0] ?? "");
  return [{ at: until - 9 * minuteMs, domain, provider, category, relayName, ruleId: null, reply: said }];
}
