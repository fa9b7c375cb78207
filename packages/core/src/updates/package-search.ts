import { compareVersions } from "./compare-versions.ts";
import { packageNameSchema } from "./package-version.ts";

const operators = ["<=", ">=", "<", ">", "="] as const;

/** Which versions are meant. */
export type VersionConstraint =
  | { readonly kind: "any" }
  /** All that begin so. */
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "compare"; readonly operator: (typeof operators)[number]; readonly version: string };

export type PackageSearch =
  | { readonly kind: "package"; readonly name: string; readonly constraint: VersionConstraint }
  | { readonly kind: "unclear"; readonly sentence: string };

/**
 * Reads what a person typed: a package, and after it a version or a bound.
 * @example
 * parsePackageSearch("libssl3 <3.0.17-1"); parsePackageSearch("dovecot-core 1:2.3.19*"); parsePackageSearch("redis-server")
 */
export function parsePackageSearch(text: string): PackageSearch {
  const [, name = "", rest = ""] = /^\s*([^\s<>=]*)\s*(.*?)\s*$/s.exec(text) ?? [];
  if (!packageNameSchema.safeParse(name.toLowerCase()).success)
    return {
      kind: "unclear",
      sentence: `“${name.slice(0, 60)}” is no package’s name. Write a name as Debian has it, like libssl3, and after it a version or a bound, like <3.0.17-1.`,
    };
  const constraint = parseConstraint(rest);
  return constraint === null
    ? {
        kind: "unclear",
        sentence: `“${rest.slice(0, 60)}” is no version. Write one like 3.0.17-1, the beginning of some like 3.0*, or a bound like <3.0.17-1.`,
      }
    : { kind: "package", name: name.toLowerCase(), constraint };
}

function parseConstraint(text: string): VersionConstraint | null {
  if (text === "" || text === "*") return { kind: "any" };
  const operator = operators.find((known) => text.startsWith(known));
  const version = text.slice(operator?.length ?? 0).trim();
  if (operator === undefined && /^[A-Za-z0-9.+~:-]{1,120}\*$/.test(version))
    return { kind: "prefix", prefix: version.slice(0, -1) };
  // A bound need not be a version that any package has: “<4” is one.
  return /^(?:\d+:)?\d[A-Za-z0-9.+~-]{0,119}$/.test(version)
    ? { kind: "compare", operator: operator ?? "=", version }
    : null;
}

/** Whether a version is among those that are meant, by Debian's order. */
export function isVersionMeant(constraint: VersionConstraint, version: string): boolean {
  switch (constraint.kind) {
    case "any":
      return true;
    case "prefix":
      return version.startsWith(constraint.prefix);
    case "compare": {
      const order = compareVersions(version, constraint.version);
      switch (constraint.operator) {
        case "<":
          return order < 0;
        case "<=":
          return order <= 0;
        case "=":
          return order === 0;
        case ">=":
          return order >= 0;
        case ">":
          return order > 0;
      }
    }
  }
}
