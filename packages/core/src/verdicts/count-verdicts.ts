import {
  type DeliveryDirection,
  type ProviderId,
  providerOfDomain,
  providerOfHost,
} from "../delivery/index.ts";
import type { ToldVerdict } from "./told-verdict.ts";
import { factOfSymbol, type VerdictAction, type VerdictFact, verdictAction } from "./verdict-words.ts";

/**
 * Verdicts of one minute that are alike in direction, domain, provider and action. A message to two receivers counts at
 * each. Holds no address of a person and no domain but ours.
 */
export interface VerdictCount {
  /** Beginning of the minute, in milliseconds since 1970. */
  readonly minute: number;
  readonly direction: DeliveryDirection;
  /** Our own: outbound the one that writes, else the one that is written to; empty for mail that only passes. */
  readonly domain: string;
  /** Inbound who sent, outbound who receives; null where neither name tells. */
  readonly provider: ProviderId | null;
  readonly action: VerdictAction;
  readonly messages: number;
  readonly facts: Readonly<Partial<Record<VerdictFact, number>>>;
  /** Messages by their score in whole points, rounded down. */
  readonly scores: Readonly<Record<string, number>>;
  /** Messages by the symbols that said most of them. */
  readonly symbols: Readonly<Record<string, number>>;
}

/** Adds up verdicts until they are read. */
export interface VerdictCounter {
  add(verdict: ToldVerdict): void;
  /** What was added since the last reading. */
  read(): readonly VerdictCount[];
}

const minuteMs = 60_000;
/** Scores beyond are counted with the outermost. */
export const scoreBounds = { min: -20, max: 40 } as const;
/** As Rspamd names its symbols, and short enough to be no text of anybody's. */
export const symbolPattern = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Starts to count. */
export function createVerdictCounter(): VerdictCounter {
  let counts = new Map<string, Growing>();
  return {
    add(verdict) {
      const minute = Math.floor((verdict.at * 1000) / minuteMs) * minuteMs;
      const action = verdictAction(verdict.action, verdict.symbols);
      for (const way of waysOf(verdict)) {
        const key = JSON.stringify([minute, way.direction, way.domain, way.provider, action]);
        const known = counts.get(key);
        const count = known ?? { minute, ...way, action, messages: 0, facts: {}, scores: {}, symbols: {} };
        if (known === undefined) counts.set(key, count);
        count.messages += 1;
        for (const fact of factsOf(verdict)) raise(count.facts, fact);
        raise(count.scores, String(scorePoint(verdict.score)));
        for (const symbol of Object.keys(verdict.symbols))
          if (symbolPattern.test(symbol)) raise(count.symbols, symbol);
      }
    },
    read() {
      const read = [...counts.values()];
      counts = new Map();
      return read;
    },
  };
}

type Way = Pick<VerdictCount, "direction" | "domain" | "provider">;
type Growing = Omit<VerdictCount, "messages" | "facts" | "scores" | "symbols"> & {
  messages: number;
  facts: Partial<Record<VerdictFact, number>>;
  scores: Record<string, number>;
  symbols: Record<string, number>;
};

/** The ways that one message goes, each once. */
function waysOf({ sender, ours = "", from, client, to }: ToldVerdict): readonly Way[] {
  const ways = to.map(({ domain, isOurs }): Way => {
    if (sender === "outside")
      return { direction: "inbound", domain: isOurs ? domain : "", provider: senderProvider(from, client) };
    if (isOurs) return { direction: "internal", domain, provider: null };
    return { direction: "outbound", domain: ours, provider: providerOfDomain(domain) };
  });
  return [...new Map(ways.map((way) => [JSON.stringify(way), way])).values()];
}

function senderProvider(from: string | undefined, client: string | undefined): ProviderId | null {
  return (
    (from === undefined ? null : providerOfDomain(from)) ??
    (client === undefined ? null : providerOfHost(client))
  );
}

function factsOf({ symbols, sender, isAligned, isBulk, hasOneClick }: ToldVerdict): Set<VerdictFact> {
  const facts = new Set(Object.keys(symbols).flatMap((symbol) => factOfSymbol[symbol] ?? []));
  if (isAligned) facts.add("aligned");
  if (sender === "authenticated") facts.add("authenticated");
  if (isBulk) facts.add("bulk");
  if (isBulk && hasOneClick) facts.add("one-click");
  return facts;
}

function scorePoint(score: number): number {
  return Math.min(Math.max(Math.floor(score), scoreBounds.min), scoreBounds.max);
}

function raise<Key extends string>(counts: Partial<Record<Key, number>>, key: Key): void {
  const known: number | undefined = counts[key];
  counts[key] = (known ?? 0) + 1;
}
