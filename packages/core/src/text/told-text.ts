import { z } from "zod";

/**
 * Text that a host tells of itself: it may hold whatever somebody has written into a file. What no database stores,
 * U+0000 and halves of surrogate pairs, becomes U+FFFD, so that one such text cannot end every connection that brings it.
 */
export const toldText = (lengthMax: number) => z.string().max(lengthMax).overwrite(storableText);

/** Any value of JSON, with all text in it made storable in the same way. */
export const toldValue = z.unknown().transform(storableValue);

/** A text of anybody else, made storable in the same way. */
export function storableText(text: string): string {
  return text.replaceAll("\0", "\ufffd").toWellFormed();
}

function storableValue(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [storableText(name), storableValue(inner)]),
  );
}
