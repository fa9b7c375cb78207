/** A type that has no name here, by its number (RFC 3597 §5). */
export type UnknownRecordType = `TYPE${number}`;

// Types that have a name here, and what no zone holds: queries, signatures and what the primary makes itself.
const numbersMax = 65_535;
const namedNumbers = new Set([
  0, 1, 2, 5, 6, 12, 15, 16, 28, 33, 35, 39, 41, 43, 44, 46, 47, 48, 50, 51, 52, 53, 59, 60, 61, 63, 64, 65,
  257, 65_535,
]);

/** Whether a text names a type by a number that has no other name here. */
export function isUnknownType(type: string): type is UnknownRecordType {
  if (!/^TYPE(?:[1-9]\d{0,4})$/.test(type)) return false;
  const number = Number(type.slice("TYPE".length));
  // RFC 6895 §3.1: from 128 to 255 are queries.
  return number <= numbersMax && !namedNumbers.has(number) && (number < 128 || number > 255);
}

/** Says why a text cannot be the data of such a record, or null when it can: its octets in hexadecimal digits. */
export function unknownDataProblem(value: string): string | null {
  const [, length, hex = ""] = /^\\# (\d{1,4})(?: ((?:[0-9a-f]{2})+))?$/.exec(value) ?? [];
  return length !== undefined && Number(length) * 2 === hex.length
    ? null
    : String.raw`"${value.slice(0, 60)}" is not in the form of \# 4 0a0b0c0d`;
}

/** What was typed in the one form in which it is kept. */
export function foldUnknownData(value: string): string {
  const [mark = "", length = "", ...hex] = value.split(/\s+/);
  const digits = hex.join("").toLowerCase();
  return [mark, length.replace(/^0+(?=\d)/, ""), ...(digits === "" ? [] : [digits])].join(" ");
}
