import { toALabels } from "../dns/index.ts";

export interface MtaStsPolicy {
  mode: "enforce" | "testing" | "none";
  /** Patterns of hosts, as written. */
  mx: readonly string[];
  maxAgeS: number;
}

// RFC 8461 §3.2.
const maxAgeMaxS = 31_557_600;

/** Reads a policy as it is served (RFC 8461 §3.2), or says in a part of a sentence why it is none. */
export function parseMtaStsPolicy(text: string): { policy: MtaStsPolicy } | { problem: string } {
  const pairs = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*$/.exec(line));
  if (pairs.includes(null)) return { problem: "a line is no pair of name and value" };
  const valuesOf = (key: string) => pairs.flatMap((pair) => (pair?.[1] === key ? [pair[2] ?? ""] : []));
  // Of fields but mx, the first counts (RFC 8461 §3.2).
  const [version] = valuesOf("version");
  if (version !== "STSv1") return { problem: `version is ${version ?? "missing"} and must be STSv1` };
  const [mode] = valuesOf("mode");
  if (mode !== "enforce" && mode !== "testing" && mode !== "none")
    return { problem: `mode is ${mode ?? "missing"} and must be enforce, testing or none` };
  const [maxAge] = valuesOf("max_age");
  const maxAgeS = /^\d{1,10}$/.test(maxAge ?? "") ? Number(maxAge) : -1;
  if (maxAgeS < 0 || maxAgeS > maxAgeMaxS)
    return { problem: `max_age is ${maxAge ?? "missing"} and must be 0 to ${maxAgeMaxS} seconds` };
  const mx = valuesOf("mx");
  if (mx.length === 0 && mode !== "none") return { problem: "it names no mx" };
  return { policy: { mode, mx, maxAgeS } };
}

/**
 * Whether a policy names a mail host; a wildcard stands for one whole label (RFC 8461 §4.1). A name beyond ASCII counts
 * as what DNS has for it.
 */
export function isCovered(host: string, patterns: readonly string[]): boolean {
  const name = toALabels(host);
  return patterns.some((pattern) => {
    const wanted = toALabels(pattern);
    return wanted.startsWith("*.") ? name.split(".").slice(1).join(".") === wanted.slice(2) : name === wanted;
  });
}
