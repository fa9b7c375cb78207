/**
 * Orders two Debian versions (Debian Policy §5.6.12): negative where the first is the older one. Takes any text, so that
 * what a host tells can always be ordered.
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  return (
    compareNumbers(a.epoch, b.epoch) ||
    compareParts(a.upstream, b.upstream) ||
    compareParts(a.revision, b.revision)
  );
}

function partsOf(version: string): { epoch: string; upstream: string; revision: string } {
  const [, epoch = "0", rest = ""] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf("-");
  // A missing revision is the same as a revision of nought.
  return dash === -1
    ? { epoch, upstream: rest, revision: "0" }
    : { epoch, upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

/** By turns a run of other characters and a run of digits, either of which may be empty. */
function compareParts(left: string, right: string): number {
  let [a, b] = [left, right];
  while (a !== "" || b !== "") {
    const [wordA, wordB] = [wordOf(a), wordOf(b)];
    const byWord = compareWords(wordA, wordB);
    if (byWord !== 0) return byWord;
    [a, b] = [a.slice(wordA.length), b.slice(wordB.length)];
    const [numberA, numberB] = [numberOf(a), numberOf(b)];
    const byNumber = compareNumbers(numberA, numberB);
    if (byNumber !== 0) return byNumber;
    [a, b] = [a.slice(numberA.length), b.slice(numberB.length)];
  }
  return 0;
}

const wordOf = (text: string) => /^\D*/.exec(text)?.[0] ?? "";
const numberOf = (text: string) => /^\d*/.exec(text)?.[0] ?? "";

function compareWords(left: string, right: string): number {
  for (let place = 0; place < Math.max(left.length, right.length); place += 1) {
    const order = weightOf(left[place]) - weightOf(right[place]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A tilde sorts before the end of a part, and all letters before all other characters. */
function weightOf(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === "~") return -1;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 0x1_00_00;
}

/** Numbers of any length, which a number of ours would round. */
function compareNumbers(left: string, right: string): number {
  const [a, b] = [left.replace(/^0+/, ""), right.replace(/^0+/, "")];
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a < b ? -1 : 1;
}
