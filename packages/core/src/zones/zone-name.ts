import { shown } from "../domains/index.ts";

const nameLengthMax = 253;
// RFC 8552: names for services begin with an underscore.
const labelPattern = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/;

/** Says why a text cannot be the name of a record, or null when it can; only the first label may be a wildcard (RFC 4592). */
export function zoneNameProblem(name: string): string | null {
  if (name.length > nameLengthMax) return `a name has at most ${nameLengthMax} characters`;
  const labels = name.split(".");
  for (const [index, label] of labels.entries()) {
    if (label === "") return `the name "${shown(name)}" has an empty part`;
    if (label.length > 63) return `the part "${shown(label)}" has more than 63 characters`;
    const isWildcard = index === 0 && label === "*" && labels.length > 1;
    if (!isWildcard && !labelPattern.test(label))
      return `the part "${shown(label)}" may hold only lower case letters, digits, underscores and inner hyphens`;
  }
  return null;
}

/** The same for a name that a value leads to: a host, and never a wildcard. */
export function targetNameProblem(name: string): string | null {
  if (name.startsWith("*")) return `"${shown(name)}" leads to a wildcard, which is no host`;
  return zoneNameProblem(name);
}
