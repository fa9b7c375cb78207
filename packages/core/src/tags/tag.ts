import { z } from "zod";

export const tagLengthMax = 32;
/** A row of a list has room for few, and nobody remembers more. */
export const tagsPerServerMax = 20;
/** Of one organisation: the choice of a filter is read through, not searched. */
export const tagsMax = 500;

/** A letter or a digit first; the comma parts tags where several are written, and a blank would be lost there. */
const tagPattern = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u;

/** A short name by which an organisation groups its servers; the same however it was capitalised. */
export const tagSchema = z.string().transform((typed, ctx): string => {
  const tag = typed.normalize("NFKC").trim().toLowerCase();
  const problem = problemOf(tag);
  if (problem === null) return tag;
  ctx.issues.push({ code: "custom", message: problem, input: typed });
  return z.NEVER;
});

function problemOf(tag: string): string | null {
  if (tag === "") return "Write a tag, such as canary or oslo.";
  if ([...tag].length > tagLengthMax)
    return `The tag “${[...tag].slice(0, tagLengthMax).join("")}…” is too long; a tag has at most ${tagLengthMax} characters.`;
  if (!tagPattern.test(tag))
    return `“${tag}” is no tag: it begins with a letter or a digit and has letters, digits, dots, dashes and underscores only.`;
  return null;
}

/** The tags in what a person wrote into one field, between commas or blanks. */
export function splitTags(typed: string): string[] {
  return [...new Set(typed.split(/[\s,;]+/).filter((part) => part !== ""))];
}
