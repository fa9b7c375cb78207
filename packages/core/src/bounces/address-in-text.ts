// Bounded everywhere, so that no text makes a search slow.
const barePattern =
  /(?<![\p{L}\p{N}@._%+=-])[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]{1,128}@[\p{L}\p{N}](?:[\p{L}\p{N}._-]{0,253}[\p{L}\p{N}])?/gu;
const bracketedPattern = /<(?:mailto:)?("[^"<>\n]{1,128}"@[^<>\s"]{1,255}|[^<>\s@]{1,128}@[^<>\s@]{1,255})>/g;

/** An address and where it stands in its text. */
export interface FoundAddress {
  readonly address: string;
  readonly at: number;
}

/** Every address in a text in the order in which they stand there, in brackets or bare. */
export function findAddresses(text: string): FoundAddress[] {
  const bracketed = [...text.matchAll(bracketedPattern)].map((match) => ({
    address: tidyAddress(match[1] ?? ""),
    at: match.index + 1,
  }));
  const bare = [...text.matchAll(barePattern)].map((match) => ({
    address: tidyAddress(match[0]),
    at: match.index,
  }));
  const isCovered = ({ at }: FoundAddress) =>
    bracketed.some((known) => at >= known.at && at <= known.at + known.address.length);
  return [...bracketed, ...bare.filter((found) => !isCovered(found))].sort((a, b) => a.at - b.at);
}

/** The first address of a text, or null. */
export function firstAddress(text: string): string | null {
  return findAddresses(text)[0]?.address ?? null;
}

/** Whether two addresses are the same mailbox to nearly everybody: letters' case counts for nobody in practice. */
export function isSameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Old servers put their own name for the mailbox's host in quotes or leave a full stop behind. */
function tidyAddress(address: string): string {
  return address.replace(/^['`]+/, "").replace(/['.]+$/, "");
}
