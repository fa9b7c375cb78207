import { z } from "zod";
import type { FeedDay, GoogleFigures } from "./feed.ts";

/** What Google calls the reasons of failed attempts, by how it ended. */
export const googleErrorReasons = {
  reject: [
    "bad_attachment",
    "bad_or_missing_ptr_record",
    "ip_in_rbls",
    "low_domain_reputation",
    "low_ip_reputation",
    "spammy_content",
    "stamp_policy_error",
    "other",
  ],
  temp_fail: ["anomalous_traffic_pattern", "other"],
} as const;

export interface GoogleMetric {
  readonly name: string;
  readonly baseMetric: { readonly standardMetric: string };
  readonly filter?: string;
}

/** Every figure of a day that is asked for with one query. Names are ours, and come back with each value. */
export const googleMetrics: readonly GoogleMetric[] = [
  metric("spam", "SPAM_RATE"),
  metric("spf", "AUTH_SUCCESS_RATE", 'auth_type="spf"'),
  metric("dkim", "AUTH_SUCCESS_RATE", 'auth_type="dkim"'),
  metric("dmarc", "AUTH_SUCCESS_RATE", 'auth_type="dmarc"'),
  metric("tls_in", "TLS_ENCRYPTION_RATE", 'traffic_direction="inbound"'),
  metric("tls_out", "TLS_ENCRYPTION_RATE", 'traffic_direction="outbound"'),
  ...(["reject", "temp_fail"] as const).flatMap((type) =>
    googleErrorReasons[type].map((reason) =>
      metric(
        `error:${type}:${reason}`,
        "DELIVERY_ERROR_RATE",
        `error_type="${type}" AND error_reason="${reason}"`,
      ),
    ),
  ),
  metric("loops", "FEEDBACK_LOOP_ID"),
];

/** The complaints about mail with one identifier of its Feedback-ID. Null for an identifier that would break the filter. */
export function googleLoopMetric(id: string): GoogleMetric | null {
  return /^[\w.:@+-]{1,200}$/.test(id)
    ? metric(`loop:${id}`, "FEEDBACK_LOOP_SPAM_RATE", `feedback_loop_id="${id}"`)
    : null;
}

function metric(name: string, standardMetric: string, filter?: string): GoogleMetric {
  return { name, baseMetric: { standardMetric }, ...(filter === undefined ? {} : { filter }) };
}

const dateSchema = z.object({
  year: z.int().min(2000).max(3000),
  month: z.int().min(1).max(12),
  day: z.int().min(1).max(31),
});

/** One value as the API tells it; protobuf leaves out what is nought or empty. */
export const googleStatSchema = z.object({
  metric: z.string(),
  date: dateSchema.optional(),
  value: z
    .object({
      doubleValue: z.number().optional(),
      floatValue: z.number().optional(),
      intValue: z.union([z.string(), z.number()]).optional(),
      stringValue: z.string().optional(),
      stringList: z.object({ values: z.array(z.string()).max(1000).default([]) }).optional(),
    })
    .optional(),
});
export type GoogleStat = z.output<typeof googleStatSchema>;

const empty = { spf: null, dkim: null, dmarc: null, tlsInbound: null, tlsOutbound: null };
const loopsMax = 50;

/** The days of a domain from what the queries answered. A day of which Google tells nothing is none. */
export function googleDays(domain: string, stats: readonly GoogleStat[]): FeedDay[] {
  const told = stats.filter((stat) => stat.date !== undefined && stat.value !== undefined);
  const days = Map.groupBy(told, ({ date }) => textOf(date ?? { year: 2000, month: 1, day: 1 }));
  return [...days]
    .map(([day, own]) => dayOf(domain, day, own))
    .filter((day) => day !== null)
    .sort((a, b) => a.day.localeCompare(b.day));
}

/** The identifiers that any of the days names, each once. */
export function googleLoopIds(stats: readonly GoogleStat[]): string[] {
  const ids = stats
    .filter(({ metric: name }) => name === "loops")
    .flatMap(({ value }) => [
      ...(value?.stringList?.values ?? []),
      ...(value?.stringValue ? [value.stringValue] : []),
    ]);
  return [...new Set(ids)];
}

function dayOf(domain: string, day: string, stats: readonly GoogleStat[]): FeedDay | null {
  const shares = new Map(
    stats.flatMap(({ metric: name, value }) => {
      const share = shareOf(value);
      return share === null ? [] : [[name, share] as const];
    }),
  );
  const figures: GoogleFigures = {
    kind: "google-postmaster",
    ...empty,
    spf: shares.get("spf") ?? null,
    dkim: shares.get("dkim") ?? null,
    dmarc: shares.get("dmarc") ?? null,
    tlsInbound: shares.get("tls_in") ?? null,
    tlsOutbound: shares.get("tls_out") ?? null,
    errors: (["reject", "temp_fail"] as const).flatMap((type) =>
      googleErrorReasons[type].flatMap((reason) => {
        const share = shares.get(`error:${type}:${reason}`) ?? 0;
        return share > 0 ? [{ type, reason, share }] : [];
      }),
    ),
    loops: [...shares]
      .filter(([name]) => name.startsWith("loop:"))
      .slice(0, loopsMax)
      .map(([name, share]) => ({ id: name.slice("loop:".length), share })),
  };
  const spam = shares.get("spam");
  if (shares.size === 0) return null;
  return {
    subject: domain,
    day,
    messages: null,
    complaints: spam === undefined ? null : { lower: spam, upper: spam },
    figures,
  };
}

/** A rate; one that is out of its bounds is none. */
function shareOf(value: GoogleStat["value"]): number | null {
  const share = value?.doubleValue ?? value?.floatValue;
  return share === undefined || !(share >= 0 && share <= 1) ? null : share;
}

function textOf({ year, month, day }: z.output<typeof dateSchema>): string {
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
