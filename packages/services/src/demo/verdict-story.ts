import { domainToASCII } from "node:url";
import type { ProviderId } from "@mailstead/core/delivery";
import { type VerdictAction, type VerdictCount, verdictBatchesOf } from "@mailstead/core/verdicts";
import { storeTelemetry } from "../telemetry/index.ts";
import { type Chance, makeChance } from "./chance.ts";
import { epochOf, sentInADay, shares } from "./delivery-story.ts";
import type { DemoDomain, DemoServer } from "./fleet.ts";
import type { DemoStage } from "./tell-server.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Tells what the host's Rspamd decided: every day of three months, and every hour of the last two days. */
export async function tellVerdicts(stage: DemoStage, serverId: string, demo: DemoServer): Promise<void> {
  const until = stage.clock.now.getTime();
  // Of its own, so that the rest of the story stays as it is.
  const chance = makeChance(demo.hostname.length * 7919 + (demo.domains[0]?.mailboxes ?? 0));
  const hours = Array.from({ length: 48 }, (_, ago) => ({ at: until - ago * hourMs, part: 1 / 24 }));
  const days = Array.from({ length: 86 }, (_, ago) => ({ at: until - (ago + 2) * dayMs, part: 1 }));
  const counts = [...days, ...hours].flatMap((span) =>
    demo.domains.flatMap((domain) => [...outbound(chance, domain, span), ...inbound(chance, domain, span)]),
  );
  const epoch = epochOf(demo.hostname);
  for (const [index, batch] of verdictBatchesOf(counts).entries())
    await storeTelemetry(stage.system, { serverId, stream: "verdicts", epoch, sequence: index + 1, batch });
}

interface Span {
  readonly at: number;
  /** Share of a day. */
  readonly part: number;
}

function outbound(chance: Chance, domain: DemoDomain, span: Span): VerdictCount[] {
  return shares.flatMap(([provider]) => {
    const { usual, bulk } = sentInADay(domain, provider, span.at);
    const ordinary = Math.round(usual * span.part * (chance.between(80, 120) / 100));
    const newsletters = Math.round(bulk * span.part);
    const messages = ordinary + newsletters;
    if (messages === 0) return [];
    return [
      {
        ...sameOf(domain, span.at),
        direction: "outbound" as const,
        provider,
        action: "accepted" as const,
        messages,
        facts: {
          signed: messages,
          aligned: messages,
          authenticated: messages,
          ...(newsletters === 0 ? {} : { bulk: newsletters }),
        },
        scores: { "0": messages },
        symbols: { DKIM_SIGNED: messages },
      },
    ];
  });
}

/** Of a hundred messages that come in, how many end how, with what Rspamd says of them. */
const ends: readonly (readonly [VerdictAction, number, { score: string; symbols: readonly string[] }])[] = [
  [
    "accepted",
    58,
    { score: "-1", symbols: ["R_SPF_ALLOW", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW", "BAYES_HAM"] },
  ],
  ["marked", 6, { score: "8", symbols: ["R_SPF_SOFTFAIL", "BAYES_SPAM", "MISSING_MID"] }],
  ["greylisted", 9, { score: "5", symbols: ["GREYLIST", "HFILTER_HOSTNAME_UNKNOWN", "RDNS_NONE"] }],
  [
    "rejected",
    27,
    { score: "18", symbols: ["BAYES_SPAM", "RBL_SPAMHAUS_XBL", "DMARC_POLICY_REJECT", "URIBL_BLACK"] },
  ],
];
const senders: readonly (readonly [ProviderId | null, number])[] = [
  ["gmail", 22],
  ["microsoft365", 20],
  [null, 58],
];

function inbound(chance: Chance, domain: DemoDomain, span: Span): VerdictCount[] {
  return senders.flatMap(([provider, share]) =>
    ends.flatMap(([action, inHundred, { score, symbols }]) => {
      const usual = (domain.mailboxes * 14 * span.part * share * inHundred) / 10_000;
      const messages = Math.round(usual * (chance.between(60, 140) / 100));
      if (messages === 0) return [];
      const proofs = action === "accepted" ? (["spf-pass", "dkim-pass", "dmarc-pass"] as const) : [];
      const failed = action === "rejected" ? (["spf-fail", "dmarc-fail"] as const) : [];
      return [
        {
          ...sameOf(domain, span.at),
          direction: "inbound" as const,
          provider,
          action,
          messages,
          facts: Object.fromEntries([...proofs, ...failed].map((fact) => [fact, messages])),
          scores: { [score]: messages },
          symbols: Object.fromEntries(symbols.map((symbol) => [symbol, messages])),
        },
      ];
    }),
  );
}

function sameOf({ name }: DemoDomain, at: number): Pick<VerdictCount, "minute" | "domain"> {
  return { minute: Math.floor(at / 60_000) * 60_000, domain: domainToASCII(name) };
}
