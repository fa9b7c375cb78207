import type { AskingDns } from "./dns-lookup.ts";
import { withoutDot } from "./same-value.ts";
import { parseSpf, spfRecordsOf } from "./spf-terms.ts";

// Receivers stop at ten look-ups (RFC 7208 §4.6.4); a loop that none of them reaches hurts nobody.
const recordsMax = 20;

/**
 * Follows include: and redirect= from an SPF record to one that leads back to a name on the way. Gives the names of the
 * round, the repeated one first and last, or null when there is none. Names with macros are not followed.
 */
export function* findSpfLoop(domain: string, record: string): AskingDns<readonly string[] | null> {
  const walk = { asked: 0, without: new Set<string>() };
  return yield* follow({ name: withoutDot(domain).toLowerCase(), record }, { path: [], walk });
}

function* follow(
  { name, record }: { name: string; record: string },
  { path, walk }: { path: readonly string[]; walk: { asked: number; without: Set<string> } },
): AskingDns<readonly string[] | null> {
  const way = [...path, name];
  for (const next of namesIn(record)) {
    if (way.includes(next)) return [...way.slice(way.indexOf(next)), next];
    if (walk.without.has(next) || walk.asked >= recordsMax) continue;
    walk.asked += 1;
    const answer = yield { name: next, type: "TXT" };
    const [found] = spfRecordsOf(answer.kind === "found" ? answer.values : []);
    const loop =
      found === undefined ? null : yield* follow({ name: next, record: found }, { path: way, walk });
    if (loop !== null) return loop;
    walk.without.add(next);
  }
  return null;
}

function namesIn(record: string): string[] {
  const terms = parseSpf(record);
  if (terms.kind === "invalid") return [];
  const included = terms.directives.flatMap((one) => (one.mechanism === "include" ? [one.target] : []));
  return [...included, ...(terms.redirect === null ? [] : [terms.redirect])]
    .filter((name) => !name.includes("%"))
    .map((name) => withoutDot(name).toLowerCase());
}
