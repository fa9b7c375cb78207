import type { AskingDns } from "./dns-lookup.ts";
import { withoutDot } from "./same-value.ts";
import { parseSpf, spfRecordsOf } from "./spf-terms.ts";

/** A name that a record includes although another of its includes brings it already. */
export interface SpfRepeat {
  target: string;
  /** The other include, and the names between that and the target. */
  by: string;
  way: readonly string[];
}

// Receivers stop at ten look-ups (RFC 7208 §4.6.4); what lies behind more of them saves nobody one.
const recordsMax = 20;

interface Reached {
  name: string;
  way: readonly string[];
}

/**
 * Looks under each include of a record for the others. Only what passes counts, all the way down: an include that
 * forbids says another thing. Names with macros are not followed, and what cannot be asked about brings nothing.
 */
export function* findSpfRepeats(record: string): AskingDns<SpfRepeat[]> {
  const own = [...new Set(namesIn(record))];
  if (own.length < 2) return [];
  const walk = { left: recordsMax };
  const repeats: SpfRepeat[] = [];
  for (const by of own) {
    for (const { name, way } of yield* namesUnder(by, walk)) {
      const isKnown = repeats.some(({ target }) => target === name);
      if (own.includes(name) && name !== by && !isKnown) repeats.push({ target: name, by, way });
    }
  }
  // Two that bring each other are a round, of which one has to stay.
  return repeats.filter(({ by }, at) => !repeats.slice(0, at).some(({ target }) => target === by));
}

function* namesUnder(top: string, walk: { left: number }): AskingDns<Reached[]> {
  const found: Reached[] = [];
  const waiting: Reached[] = [{ name: top, way: [] }];
  for (const { name, way } of waiting) {
    if (walk.left === 0) break;
    walk.left -= 1;
    const answer = yield { name, type: "TXT" };
    const [record] = spfRecordsOf(answer.kind === "found" ? answer.values : []);
    for (const next of namesIn(record ?? "")) {
      if (next === top || found.some((one) => one.name === next)) continue;
      const reached = { name: next, way: name === top ? [] : [...way, name] };
      found.push(reached);
      waiting.push(reached);
    }
  }
  return found;
}

function namesIn(record: string): string[] {
  const terms = parseSpf(record);
  if (terms.kind === "invalid") return [];
  // Nobody reads what stands behind all, and a redirect only where there is none (RFC 7208 §5.1, §6.1).
  const end = terms.directives.findIndex(({ mechanism }) => mechanism === "all");
  const read = end < 0 ? terms.directives : terms.directives.slice(0, end);
  const included = read.flatMap((one) =>
    one.mechanism === "include" && one.qualifier === "pass" ? [one.target] : [],
  );
  return [...included, ...(end >= 0 || terms.redirect === null ? [] : [terms.redirect])]
    .filter((name) => !name.includes("%"))
    .map((name) => withoutDot(name).toLowerCase());
}
