/** One value under a name. Names are absolute, in lower case and without the final dot. */
export interface RecordValue {
  name: string;
  type: string;
  /** As `canonicalValue` writes it, so that equal values are equal texts. */
  value: string;
}

/** Everything that stands under one name with one type (RFC 2181 §5). */
export interface RecordSet {
  name: string;
  type: string;
  ttlSeconds: number;
  values: readonly string[];
}

/** Identifies a value; a line feed stands in no name and no type. */
export function valueKey({ name, type, value }: RecordValue): string {
  return `${name}\n${type}\n${value}`;
}

/** Identifies a set. */
export function setKey({ name, type }: { name: string; type: string }): string {
  return `${name}\n${type}`;
}

/** A name as names are compared: DNS does not tell capitals apart (RFC 4343). */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
