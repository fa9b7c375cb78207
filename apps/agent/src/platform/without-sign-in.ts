import type { SmtpAnswer } from "./smtp-client.ts";

/** A piece so long tells something of a password, where a reply was cut short. */
const pieceMin = 8;
const leftOut = "(left out)";

/**
 * A reply without what it repeats of a sign-in, since some relays quote the command that they refuse: the password and the
 * command's argument, in the clear and in base64, whole, folded into lines or cut short.
 */
export function withoutSignIn(
  { code, text }: SmtpAnswer,
  { username, password }: { username: string; password: string },
): SmtpAnswer {
  const pairs = ["\0", ":", " "].map((between) => `${username}${between}${password}`);
  const bytes = [`\0${username}\0${password}`, ...pairs, password].map((one) => Buffer.from(one, "utf8"));
  const secrets = [
    ...bytes.map((one) => one.toString("base64").replace(/=+$/, "")),
    ...bytes.map((one) => one.toString("base64url")),
    // Replies are read byte by byte.
    Buffer.from(password, "utf8").toString("latin1"),
  ];
  return { code, text: secrets.reduce(withoutSecret, text) };
}

function withoutSecret(text: string, secret: string): string {
  const letters = [...secret.replace(/\s/g, "")].map((letter) =>
    letter.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&"),
  );
  const least = Math.min(pieceMin, letters.length);
  const first = letters.slice(0, least).join("\\s*");
  // As much of the rest as is repeated.
  const rest = letters.slice(least).reduceRight((after, letter) => `(?:\\s*${letter}${after})?`, "");
  return text.replace(new RegExp(`${first}${rest}=*`, "g"), leftOut);
}
