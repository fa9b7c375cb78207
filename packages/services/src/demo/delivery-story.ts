import { createHash } from "node:crypto";
import {
  addLatency,
  batchesOf,
  type DeliveryCount,
  type LatencySketch,
  type ProviderId,
  type ReplyCategory,
  type ReplySample,
} from "@mailstead/core/delivery";
import { keepDeliveryPartitions } from "../delivery/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { type Chance, makeChance } from "./chance.ts";
import type { DemoDomain, DemoServer } from "./fleet.ts";
import { leastOf, moodOf, paceOf } from "./receiver-moods.ts";
import type { DemoStage } from "./tell-server.ts";
import { isTroubled, troubleCounts, troubleSamples } from "./trouble-story.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Of a hundred messages, how many go to each receiver. */
export const shares: readonly (readonly [ProviderId | null, number])[] = [
  ["gmail", 34],
  ["microsoft365", 22],
  ["outlook", 12],
  ["yahoo", 5],
  ["apple", 4],
  ["gmx", 6],
  [null, 17],
];

/** Tells what the host has counted: every day of three months, and every hour of the last two days. */
export async function tellDeliveries(stage: DemoStage, serverId: string, demo: DemoServer): Promise<void> {
  const until = stage.clock.now.getTime();
  const hours = Array.from({ length: 48 }, (_, ago) => ({ at: until - ago * hourMs, part: 1 / 24 }));
  const days = Array.from({ length: 86 }, (_, ago) => ({ at: until - (ago + 2) * dayMs, part: 1 }));
  // Numbers of its own, so that what is told of mail changes nothing of the other stories.
  const chance = makeChance(Number.parseInt(epochOf(demo.hostname).slice(0, 8), 16));
  const counts = [
    ...[...days, ...hours].flatMap(({ at, part }) => countsOf(chance, demo, { at, part, until })),
    ...troubleCounts(demo, until),
  ];
  await keepDeliveryPartitions(stage.system);
  const epoch = epochOf(demo.hostname);
  for (const [index, batch] of batchesOf({ counts, samples: samplesOf(demo, until) }).entries())
    await storeTelemetry(stage.system, { serverId, stream: "delivery", epoch, sequence: index + 1, batch });
}

interface Span {
  readonly at: number;
  /** Share of a day. */
  readonly part: number;
  readonly until: number;
}

function countsOf(chance: Chance, demo: DemoServer, { at, part, until }: Span): DeliveryCount[] {
  const pace = paceOf(demo, until - at);
  return demo.domains.flatMap((domain) =>
    shares.flatMap(([provider]) => {
      if (provider !== null && provider === demo.writesNobodyAt) return [];
      const { usual, bulk } = sentInADay(domain, provider, at);
      const written = usual * pace * part * (chance.between(70, 130) / 100);
      const messages = Math.max(
        // An hour of a small server holds less than one message of each kind, and some hours hold one all the same.
        Math.floor(written + chance.between(0, 99) / 100) + Math.round(bulk * part),
        leastOf(demo, { provider, agoMs: until - at }),
      );
      if (messages === 0) return [];
      return attemptsOf({ chance, demo, provider, messages, agoMs: until - at }).map((attempts) => ({
        ...attempts,
        minute: Math.floor(at / 60_000) * 60_000,
        direction: "outbound" as const,
        domain: domain.name,
        sendingAddress: demo.ipAddresses[0] ?? null,
        provider,
        firstAttempts: attempts.status === "sent" || messages === attempts.attempts ? attempts.attempts : 0,
        overTls: attempts.status === "sent" ? attempts.attempts : 0,
        sizeBytes: attempts.attempts * 48_000,
      }));
    }),
  );
}

const tuesday = 2;
const newsletterReaders = 15_000;

/** Messages that a domain sends to a receiver on a day: what its people write, and its newsletter. */
export function sentInADay(
  { mailboxes, sendsNewsletter = false }: DemoDomain,
  provider: ProviderId | null,
  at: number,
): { usual: number; bulk: number } {
  const weekday = new Date(at).getUTCDay();
  const pace = weekday === 0 || weekday === 6 ? 0.2 : 1;
  const share = (shares.find(([id]) => id === provider)?.[1] ?? 0) / 100;
  return {
    usual: mailboxes * 9 * pace * share,
    bulk: sendsNewsletter && weekday === tuesday ? newsletterReaders * share : 0,
  };
}

type Attempts = Pick<DeliveryCount, "status" | "category" | "attempts" | "latencies">;

function attemptsOf(told: {
  chance: Chance;
  demo: DemoServer;
  provider: ProviderId | null;
  messages: number;
  agoMs: number;
}): Attempts[] {
  const { chance, demo, provider, messages, agoMs } = told;
  if (agoMs < 7 * hourMs && isTroubled(demo, provider)) return [];
  const mood = moodOf(demo, { provider, agoMs });
  if (mood?.refused === 100)
    return [{ status: "bounced", category: mood.category, attempts: messages, latencies: {} }];
  const some = (status: "deferred" | "bounced", category: ReplyCategory, inHundred: number): Attempts[] => {
    const attempts = Math.round((messages * inHundred * chance.between(40, 160)) / 10_000);
    return attempts === 0 ? [] : [{ status, category, attempts, latencies: {} }];
  };
  const latencies = Array.from({ length: Math.min(messages, 20) }).reduce<LatencySketch>(
    (sketch) => addLatency(sketch, chance.between(6, 45) / 10),
    {},
  );
  return [
    { status: "sent", category: null, attempts: messages, latencies },
    ...(mood === null
      ? some("deferred", "greylisting", provider === null ? 6 : 1)
      : some("deferred", mood.category, mood.deferred)),
    ...some("bounced", "unknown-user", 1),
  ];
}

function samplesOf(demo: DemoServer, until: number): ReplySample[] {
  const domain = demo.domains[0]?.name;
  if (domain === undefined) return [];
  const say = (
    provider: ProviderId,
    category: ReplyCategory,
    [relayName, reply]: readonly [string, string],
  ): ReplySample => ({ at: until - 9 * 60_000, domain, provider, category, relayName, ruleId: null, reply });
  return [
    say("gmail", "unknown-user", [
      "gmail-smtp-in.l.google.com",
      "550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 https://support.google.com/mail/?p=NoSuchUser - gsmtp",
    ]),
    ...troubleSamples(demo, until),
  ];
}

/** The epoch of a host's streams, the same in every run. */
export function epochOf(hostname: string): string {
  const hex = createHash("md5").update(hostname).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}
