// A UTF-16 unit takes at most three bytes, and a frame of the wire holds a mebibyte.
const batchLengthMax = 300_000;

/** Parts what is to be told so that each part fits a batch of `countMax` and a frame; none for nothing. */
export function portionsOf<T>(all: readonly T[], countMax: number): T[][] {
  const found: T[][] = [];
  let length = 0;
  for (const one of all) {
    const last = found.at(-1);
    const added = JSON.stringify(one).length + 1;
    length += added;
    if (last !== undefined && last.length < countMax && length <= batchLengthMax) {
      last.push(one);
      continue;
    }
    found.push([one]);
    length = added;
  }
  return found;
}
