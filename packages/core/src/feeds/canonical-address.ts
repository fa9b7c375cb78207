import { ipBits, ipText } from "../dns/index.ts";

/** An address as it is kept, with one text however it is written; null where the text is none. */
export function canonicalAddress(text: string): string | null {
  const bits = ipBits(text.trim());
  return bits === null ? null : ipText(bits);
}

/** Whether two texts are the same address, however they write it. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [ipBits(one), ipBits(other)];
  return a !== null && b !== null && a.width === b.width && a.value === b.value;
}
