import { z } from "zod";

/** One line that a person writes, with what it is called where it is refused. */
export function lineOfText(what: string, lengthMax: number): z.ZodType<string, string> {
  return z
    .string()
    .trim()
    .min(1, `${what} is missing`)
    .max(lengthMax, `${what} has at most ${lengthMax} characters`)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, `${what} is one line of text`);
}
