import { randomBytes } from "node:crypto";

// The 12 bits after the version and the 14 after the variant count (RFC 9562 §6.2, method 1), so that ids which one
// process makes for the same millisecond sort in the order they were made, however many there are: one change may make
// ten thousand rows. A new millisecond starts low again to leave room to count.
const counterLowBits = 14;
const counterLowMax = 2 ** counterLowBits - 1;
const counterMax = 2 ** (12 + counterLowBits) - 1;
let lastMs = 0;
let counter = 0;

/** A UUID of version 7 (RFC 9562 §5.7): ids made later sort later, which keeps index pages together. */
export function newId(at: Date = new Date()): string {
  const ms = at.getTime();
  counter = ms === lastMs || counter < counterMax / 2 ? (counter + 1) & counterMax : 0;
  lastMs = ms;
  const bytes = randomBytes(16);
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt16BE(0x7000 | (counter >>> counterLowBits), 6);
  bytes.writeUInt16BE(0x8000 | (counter & counterLowMax), 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
