const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const dot = 0x2e;
const space = 0x20;

/** Whether a part of a text is one to nine digits. */
export function isCount(text: string, begin: number, end: number): boolean {
  if (end <= begin || end - begin > 9) return false;
  for (let at = begin; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code < zero || code > nine) return false;
  }
  return true;
}

/** Whether a part of a text is a number as `12` or `0.25`, with up to nine digits on either side. */
export function isDecimal(text: string, begin: number, end: number): boolean {
  const point = text.indexOf(".", begin);
  if (point < 0 || point >= end) return isCount(text, begin, end);
  return isCount(text, begin, point) && isCount(text, point + 1, end);
}

/** Where a number that begins at a place ends. */
export function endOfDigits(text: string, begin: number): number {
  let at = begin;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code < zero || code > nine) break;
    at += 1;
  }
  return at;
}

/** Whether a part of a text is printable ASCII without a blank: what is beyond it is left to the grammar. */
export function isPlainWord(text: string, begin: number, end: number): boolean {
  for (let at = begin; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= space || code > 0x7e) return false;
  }
  return end > begin;
}

/** Whether a part of a text is an address of IPv4 or IPv6, by its characters. */
export function isAddress(text: string, begin: number, end: number): boolean {
  const length = end - begin;
  if (length < 2 || length > 45) return false;
  let isParted = false;
  for (let at = begin; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === dot || code === colon) isParted = true;
    else if (!(code >= zero && code <= nine)) {
      const small = code | 0x20;
      if (small < 0x61 || small > 0x66) return false;
    }
  }
  return isParted;
}

const inShortId = 1;
const inLongId = 2;
/** By character: whether it may stand in a queue id of either kind (queue-id.ts). */
const idCharacters = new Uint8Array(128);
for (const character of "0123456789ABCDEF") idCharacters[character.charCodeAt(0)] = inShortId;
for (const character of "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz")
  idCharacters[character.charCodeAt(0)] = (idCharacters[character.charCodeAt(0)] ?? 0) | inLongId;
const idLengths = { shortMin: 5, longMin: 11, max: 24 };

/** Whether a line begins with a queue id that ends at a place, where a colon and a blank follow. */
export function hasQueueId(text: string, end: number): boolean {
  if (end < idLengths.shortMin || end > idLengths.max || text.charCodeAt(end + 1) !== space) return false;
  let kinds = inShortId | inLongId;
  for (let at = 0; at < end; at += 1) {
    const code = text.charCodeAt(at);
    kinds &= code < 128 ? (idCharacters[code] ?? 0) : 0;
    if (kinds === 0) return text.startsWith("NOQUEUE:");
  }
  return (kinds & inShortId) !== 0 || end >= idLengths.longMin;
}
