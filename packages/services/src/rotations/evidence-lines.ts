import type { RotationRow } from "./rotation-progress.ts";

/** The evidence of an event as lines that a person reads; nothing is left out. */
export function evidenceLines(evidence: unknown): string[] {
  if (evidence === null || evidence === undefined) return [];
  if (typeof evidence !== "object") return [String(evidence)];
  return Object.entries(evidence).flatMap(([name, value]) => linesOf(name, value));
}

function linesOf(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => linesOf(name, item));
  if (value === null || value === undefined) return [];
  if (typeof value !== "object")
    return String(value)
      .split(/\r?\n/)
      .map((line) => `${name}: ${line}`);
  const fields = value as Record<string, unknown>;
  const inner = Object.entries(fields);
  if (inner.every(([, item]) => item === null || typeof item !== "object"))
    return isMessage(fields)
      ? [`${name}: ${String(fields["selector"])}`, ...indented(String(fields["message"]))]
      : [
          `${name}: ${inner
            .filter(([, item]) => item !== null)
            .map(([key, item]) => `${key} ${String(item)}`)
            .join(", ")}`,
        ];
  return [
    `${name}: ${inner
      .filter(([, item]) => isPlain(item))
      .map(([key, item]) => `${key} ${String(item)}`)
      .join(", ")}`,
    ...inner.filter(([, item]) => !isPlain(item)).flatMap(([key, item]) => linesOf(`  ${key}`, item)),
  ];
}

function isPlain(value: unknown): boolean {
  return value !== null && typeof value !== "object";
}

function isMessage(fields: Record<string, unknown>): boolean {
  return typeof fields["message"] === "string" && "selector" in fields;
}

function indented(text: string): string[] {
  return text.split(/\r?\n/).map((line) => `    ${line}`);
}

/** What a rotation is called in a file name. */
export function proofFileName(
  { startedAt, domainName }: Pick<RotationRow, "startedAt"> & { domainName: string },
  extension: string,
): string {
  return `dkim-rotation-${domainName}-${startedAt.toISOString().slice(0, 10)}.${extension}`;
}
