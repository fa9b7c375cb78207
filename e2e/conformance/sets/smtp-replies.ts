import { classifyReply, type ProviderId } from "@mailstead/core/delivery";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";
import { replyFamilyOf } from "./reply-families.ts";

interface Labelled {
  readonly src: string;
  readonly provider: string | null;
  readonly code: string | null;
  readonly esc: string | null;
  readonly text: string;
  readonly family: string;
}

/** Google's own table, and replies from the field with a rule for each. */
const sure = ["google-official", "zone-mta"];

const providerNames: Readonly<Record<string, ProviderId>> = {
  google: "gmail",
  gmail: "gmail",
  microsoft: "microsoft365",
  outlook: "outlook",
  yahooinc: "yahoo",
  yahoo: "yahoo",
  apple: "apple",
  icloud: "apple",
  mimecast: "mimecast",
};

/** Replies of receivers with a family each. */
export async function scoreReplies(material: Material, book: ScoreBook): Promise<void> {
  const surely = book.open("Gmail and general replies", 0.95);
  const replies = material.jsonLines<Labelled>("replies.jsonl");
  const sources = [...new Set(replies.map(({ src }) => src))].sort();
  const bySource = new Map(sources.map((src) => [src, book.open(`of them, ${src}`)]));
  for (const reply of replies) {
    await book.attempt(reply.text, surely, () => {
      const { category, ruleId } = classifyReply(whole(reply), providerNames[reply.provider ?? ""] ?? null);
      const family = replyFamilyOf(category);
      const about = `${category} (${ruleId}), not ${reply.family}: ${shown(whole(reply))}`;
      if (sure.includes(reply.src)) surely.add(family === reply.family, about);
      bySource.get(reply.src)?.add(family === reply.family, about);
    });
  }
}

/** Some texts begin with their codes, and some stand without. */
function whole({ code, esc, text }: Labelled): string {
  if (code !== null && text.startsWith(code)) return text;
  return [code, esc, text].filter((part) => part !== null && part !== "").join(" ");
}
