import { ipBits } from "../dns/index.ts";

/** An address as it is kept, in lower case; null where the text is none. */
export function canonicalAddress(text: string): string | null {
  const clean = text.trim().toLowerCase();
  return ipBits(clean) === null ? null : clean;
}

/** Whether two texts are the same address, however they write it. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [ipBits(one), ipBits(other)];
  return a !== null && b !== null && a.width === b.width && a.value === b.value;
}
