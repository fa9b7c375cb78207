import { addCounts, type PeriodVerdicts } from "./fold-verdicts.ts";
import { factOfSymbol, type VerdictAction, type VerdictFact } from "./verdict-words.ts";

/** What Rspamd said of some mail, summed. */
export interface VerdictFigures {
  readonly messages: number;
  readonly actions: Readonly<Partial<Record<VerdictAction, number>>>;
  readonly facts: Readonly<Partial<Record<VerdictFact, number>>>;
  readonly scores: readonly ScoreSpan[];
  /** The symbols that spoke for or against most messages, proofs left out; most frequent first. */
  readonly topSymbols: readonly { readonly symbol: string; readonly messages: number }[];
}

/** Messages whose score lies from `from` (included) to `until` (excluded); null is without end. */
export interface ScoreSpan {
  readonly from: number | null;
  readonly until: number | null;
  readonly messages: number;
}

// The thresholds that a server begins with: greylisting, marking, refusing.
const scoreSteps = [0, 4, 6, 15] as const;
/** From here on mail is marked as spam, unless a server was told otherwise. */
export const spamScore = 6;
const topSymbolsMax = 8;

/** What figures are made of, whoever's mail it was. */
export type CountedVerdicts = Pick<PeriodVerdicts, "action" | "messages" | "facts" | "scores" | "symbols">;

/** Sums verdicts into what a page shows of them. */
export function verdictFigures(counts: readonly CountedVerdicts[]): VerdictFigures {
  const actions: Partial<Record<VerdictAction, number>> = {};
  let facts: VerdictFigures["facts"] = {};
  let scores: Readonly<Record<string, number>> = {};
  let symbols: Readonly<Record<string, number>> = {};
  let messages = 0;
  for (const count of counts) {
    messages += count.messages;
    actions[count.action] = (actions[count.action] ?? 0) + count.messages;
    facts = addCounts(facts, count.facts);
    scores = addCounts(scores, count.scores);
    symbols = addCounts(symbols, count.symbols);
  }
  return { messages, actions, facts, scores: spansOf(scores), topSymbols: topOf(symbols) };
}

/** Of some figures, how many messages were scored as spam, whatever was done with them. */
export function spamMessages({ scores }: Pick<VerdictFigures, "scores">): number {
  return scores.reduce(
    (sum, { from, messages }) => sum + (from !== null && from >= spamScore ? messages : 0),
    0,
  );
}

function spansOf(scores: Readonly<Record<string, number>>): readonly ScoreSpan[] {
  const bounds = [null, ...scoreSteps, null];
  return bounds.slice(0, -1).map((from, at) => {
    const until = bounds[at + 1] ?? null;
    const isWithin = (point: number) => (from === null || point >= from) && (until === null || point < until);
    const messages = Object.entries(scores).reduce(
      (sum, [point, counted]) => sum + (isWithin(Number(point)) ? counted : 0),
      0,
    );
    return { from, until, messages };
  });
}

function topOf(symbols: Readonly<Record<string, number>>): VerdictFigures["topSymbols"] {
  return Object.entries(symbols)
    .filter(([symbol]) => !isProof(symbol))
    .map(([symbol, messages]) => ({ symbol, messages }))
    .sort((a, b) => b.messages - a.messages || a.symbol.localeCompare(b.symbol))
    .slice(0, topSymbolsMax);
}

/** Proofs are counted as facts; here they would stand before all that tells mail apart. */
function isProof(symbol: string): boolean {
  return symbol in factOfSymbol || /^(R_SPF_|R_DKIM_|DMARC_|ARC_)/.test(symbol);
}
