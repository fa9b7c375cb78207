import { type BlockList, rulesOf } from "../checks/index.ts";

/** What is known of how an entry of a list ends, where that is more than a form. */
const endings: Partial<Record<BlockList, string>> = {
  spamcop:
    "Entries end by themselves about a day after the last report; there is nothing to pay and nobody to ask.",
  "uceprotect-1":
    "Entries end by themselves seven days after the last spam. Removal for money is offered and not needed.",
  "uceprotect-2": "It lists whole networks. Only their provider can end it, by stopping the other senders.",
  "uceprotect-3": "It lists whole providers. Only the provider can end it, by stopping the other senders.",
  "blocklist-de": "Entries end by themselves about two days after the last attack.",
  backscatterer: "Entries end by themselves four weeks after the last returned mail.",
  psbl: "Anybody may remove an address at once; it comes back with the next spam.",
};

/** What somebody does about an entry, in the order in which it helps: cause first, because an entry that is removed too soon comes back and stays longer. */
export function removalSteps(
  list: BlockList,
  { subject, codes }: { subject: string; codes: readonly string[] },
): string[] {
  const { title, lists, removalUrl } = rulesOf(list);
  const isPolicy = list === "zen" && codes.length > 0 && codes.every((code) => /\.1[01]$/.test(code));
  const cause = isPolicy
    ? "Nothing bad was sent: the network's provider says that mail servers do not stand there. Ask the provider whether this address may send, and set its reverse name."
    : lists === "domains"
      ? "Find what names the domain in bad mail or on a hacked site, and stop it: look at the domain's mailboxes, forms and web pages."
      : "Find what was sent and stop it: look for a mailbox that sends unlike itself, for a hacked form, and at the queue.";
  return [
    cause,
    ...(endings[list] === undefined ? [] : [endings[list]]),
    `Then ask ${title} for removal at ${removalUrl} with ${subject}.`,
    "Mailstead goes on asking, and closes this when the list says that the entry is gone.",
  ];
}
