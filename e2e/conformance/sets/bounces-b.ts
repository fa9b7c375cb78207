import { readArrivedMail } from "@mailstead/agent/reports";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";

interface Labelled {
  readonly file: string;
  readonly is_bounce: boolean;
  readonly std_reason?: string;
  readonly smtp_code?: string;
  readonly status?: string;
  readonly addresses?: readonly string[];
}

/** Their reasons by our kinds; a kind that is not here is nothing that they tell apart. */
const reasonOf: Readonly<Record<string, string>> = {
  "unknown-user": "user_unknown",
  "mailbox-full": "over_quota",
  "size-limit": "message_too_large",
  "dns-failure": "domain_error",
  // Called so by their parser, as its notice says.
  "relay-denied": "domain_error",
  "mailbox-disabled": "user_disabled",
  "content-spam": "spam",
  "ip-reputation": "spam",
  "ip-blocklist": "spam",
  "domain-blocklist": "spam",
  "domain-reputation": "spam",
};

/** Bounces with a standard reason, and mails that only look like one. */
export async function scoreStandardReasons(material: Material, book: ScoreBook): Promise<void> {
  const scores = {
    kind: book.open("bounces are called bounces"),
    others: book.open("other mail is not called a bounce"),
    reason: book.open("standard reason"),
    addresses: book.open("addresses"),
    codes: book.open("reply code and status"),
  };
  for (const label of material.jsonLines<Labelled>("expected.jsonl")) {
    const { file, is_bounce, std_reason, smtp_code, status, addresses = [] } = label;
    const bytes = material.bytes(`eml/${file}`);
    if (bytes === null) continue;
    await book.attempt(file, scores.kind, async () => {
      const arrived = await readArrivedMail(bytes);
      const returned = arrived.kind === "bounce" ? arrived.returned : null;
      const kind = returned?.kind ?? arrived.kind;
      const recipients = returned?.recipients ?? [];
      (is_bounce ? scores.kind : scores.others).add((kind === "bounce") === is_bounce, `${file}: ${kind}`);
      if (std_reason !== undefined) {
        const found = recipients.map(({ category }) => reasonOf[category] ?? "unknown");
        const kinds = recipients.map(({ category, ruleId }) => `${category} (${ruleId})`);
        scores.reason.add(
          found.includes(std_reason),
          `${file}: ${kinds}, not ${std_reason}: ${shown(recipients[0]?.diagnostic ?? "")}`,
        );
      }
      for (const address of addresses) {
        const isFound = recipients.some((one) => one.address.toLowerCase() === address.toLowerCase());
        scores.addresses.add(isFound, `${file}: not ${address}`);
      }
      for (const [wanted, found] of [
        [smtp_code, recipients.map(({ replyCode }) => replyCode)],
        [status, recipients.map((one) => one.status)],
      ] as const)
        if (wanted) scores.codes.add(found.includes(wanted), `${file}: ${found}, not ${wanted}`);
    });
  }
}
