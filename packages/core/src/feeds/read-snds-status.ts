import { ipBits } from "../dns/index.ts";
import { CsvFault, readCsvRows } from "./csv-rows.ts";

/** Addresses of which Microsoft says whether it blocks them. */
export interface SndsStatus {
  readonly first: string;
  readonly last: string;
  readonly isBlocked: boolean;
  readonly reason: string;
}

const reasonLengthMax = 300;

/** SNDS's file of ranges: first and last address, blocked or not, why. Throws CsvFault with the line of what is no such row. */
export function readSndsStatus(text: string): SndsStatus[] {
  if (/^\s*<(!doctype|html)/i.test(text))
    throw new CsvFault(
      1,
      "this is a web page and no list of addresses; the link is most likely no longer valid",
    );
  return readCsvRows(text).flatMap(({ line, cells }, index) => {
    const [first = "", last = "", blocked = "", reason = ""] = cells;
    const [from, until] = [ipBits(first), ipBits(last)];
    if (index === 0 && from === null && /ip/i.test(first)) return [];
    if (from === null || until === null || from.width !== until.width || from.value > until.value)
      throw new CsvFault(line, `“${first.slice(0, 60)}” to “${last.slice(0, 60)}” is no range of addresses`);
    if (!/^(yes|no|true|false)$/i.test(blocked))
      throw new CsvFault(line, `whether it is blocked is “${blocked.slice(0, 60)}” and neither Yes nor No`);
    return [
      { first, last, isBlocked: /^(yes|true)$/i.test(blocked), reason: reason.slice(0, reasonLengthMax) },
    ];
  });
}

/** What the list says of one address: the first range that holds it and blocks it, else that it is not blocked. */
export function blockOf(address: string, statuses: readonly SndsStatus[]): string | null {
  const own = ipBits(address);
  if (own === null) return null;
  const blocking = statuses.find(({ first, last, isBlocked }) => {
    const [from, until] = [ipBits(first), ipBits(last)];
    return (
      isBlocked &&
      from !== null &&
      until !== null &&
      from.width === own.width &&
      from.value <= own.value &&
      own.value <= until.value
    );
  });
  return blocking === undefined ? null : blocking.reason || "no reason given";
}
