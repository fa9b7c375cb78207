import type { z } from "zod";
import { ServiceError } from "./service-error.ts";

/** Parses the input of a use case; throws `invalid` with a sentence about the first field that is wrong. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw new ServiceError("invalid", sentence(field, issue?.message ?? "the input is not valid"), {
    ...(field === "" ? {} : { field }),
    cause: parsed.error,
  });
}

function sentence(field: string, message: string): string {
  const text =
    field === "" || !/^Invalid|^Too|^Unrecognized/.test(message) ? message : `${field}: ${message}`;
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
