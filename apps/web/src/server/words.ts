import { headers } from "next/headers";
import { negotiateLocale, type Words, wordsFor } from "../messages/locale.ts";

/** Words for the reader of the page that is being made. */
export async function readWords(): Promise<Words> {
  return wordsFor(negotiateLocale((await headers()).get("accept-language")));
}
