import { z } from "zod";

export const passwordLengthMin = 10;
/** Bounds the work of hashing what a stranger sends. */
export const passwordLengthMax = 200;

/** Says why a text cannot be a password of `owner` (an address), or null when it can. */
export function passwordProblem(password: string, owner: string): string | null {
  if (password.length < passwordLengthMin) return `a password has at least ${passwordLengthMin} characters`;
  if (password.length > passwordLengthMax) return `a password has at most ${passwordLengthMax} characters`;
  // Mail programs and SASL PLAIN cannot carry these.
  if (hasControlCharacter(password)) return "a password is one line without control characters";
  const names = [owner, owner.split("@")[0]].map((name) => name?.toLowerCase());
  if (names.includes(password.toLowerCase())) return "the password must not be the address";
  if (new Set(password).size < 4) return "the password repeats too few characters";
  return null;
}

export const passwordSchema = z.string().superRefine((password, ctx) => {
  const problem = passwordProblem(password, "");
  if (problem !== null) ctx.addIssue({ code: "custom", message: problem });
});

function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 32 || code === 127) return true;
  }
  return false;
}
