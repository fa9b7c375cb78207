import { splitTags } from "@mailstead/core/tags";

/** In an address, servers without any tag; no tag looks like this. */
export const untagged = "-";

/** The tags that an address asks for; an empty list asks for servers without any, and null for all servers. */
export function tagsInAddress(text: string | null): string[] | null {
  if (text === null || text.trim() === "") return null;
  return text === untagged ? [] : splitTags(text);
}
