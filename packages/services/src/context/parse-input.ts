import type { z } from "zod";
import { ServiceError } from "./service-error.ts";

/** Parses the input of a use case; throws `invalid` with a sentence about the first field that is wrong. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // The key of a record is what somebody typed and not the name of a field, and its own issue says what is wrong.
  const isKey = issue?.code === "invalid_key";
  const field = (isKey ? issue.path.slice(0, -1) : issue?.path)?.join(".") ?? "";
  const message = (isKey ? issue.issues[0]?.message : issue?.message) ?? "the input is not valid";
  throw new ServiceError("invalid", sentence(field, message), {
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
