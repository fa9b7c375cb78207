// Without letters and digits that look alike on paper or over the phone.
const alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const groups = 4;
const groupLength = 5;

/** Fills an array with random bytes, like `crypto.getRandomValues`. */
export type RandomBytes = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** A password of about 115 bits in groups that can be read out, each letter equally likely. */
export function generatePassword(random: RandomBytes = (bytes) => crypto.getRandomValues(bytes)): string {
  const letters: string[] = [];
  // Values past the last whole multiple would make the first letters of the alphabet likelier.
  const limit = 256 - (256 % alphabet.length);
  while (letters.length < groups * groupLength) {
    for (const byte of random(new Uint8Array(64))) {
      if (byte < limit && letters.length < groups * groupLength)
        letters.push(alphabet.charAt(byte % alphabet.length));
    }
  }
  return Array.from({ length: groups }, (_, group) =>
    letters.slice(group * groupLength, (group + 1) * groupLength).join(""),
  ).join("-");
}
