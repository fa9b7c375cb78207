import { blockListNames, rulesOf } from "../checks/index.ts";
import { type ProviderId, providers } from "../delivery/index.ts";
import type { Reputation, ReputationVerdict } from "../reputation/index.ts";
import { momentMark } from "../text/index.ts";
import type { DeliveryFinding } from "./delivery-finding.ts";
import { deliveryFindingPrefix } from "./delivery-sight.ts";

/** What makes a fallen reputation of two looks one finding. */
export function reputationKeyOf(provider: ProviderId): string {
  return `${deliveryFindingPrefix}reputation ${provider}`;
}

/** What is told of as a reputation that fell. */
export const lowReputations = ["LOW", "BAD"] as const satisfies Reputation[];
const low: readonly Reputation[] = lowReputations;
/** One reply may be a slip of the receiver. */
const repliesMin = 3;

/**
 * Says that a server's reputation at a provider fell, or null where it did not or too little was seen. One that is open
 * stays until the verdict is better, so that a figure that hovers at its limit does not come and go.
 */
export function findingOfReputation(
  provider: ProviderId,
  { reputation, evidence, messages }: ReputationVerdict,
  { sender, isOpen }: { sender: string; isOpen: boolean },
): DeliveryFinding | null {
  const [heaviest] = evidence;
  if (!low.includes(reputation) || heaviest === undefined) return null;
  // What a feed tells as a share alone, and a listing, count no replies.
  const counted = heaviest.share === null || heaviest.share.of === 0 ? null : heaviest.share.count;
  if (!isOpen && counted !== null && counted < repliesMin) return null;
  const { title } = providers[provider];
  return {
    severity: reputation === "BAD" ? "error" : "warning",
    sentence: `The reputation of ${sender} at ${title} fell to ${reputation}.`,
    details: {
      category: null,
      provider,
      owner: "us-behaviour",
      why: "Mail still gets through, but the receiver trusts it less from day to day, and blocks follow.",
      evidence: [
        `judged by ${messages} messages of the last seven days`,
        ...evidence.map(({ code, share, about, at }) => {
          const since = at === null || code !== "listed" ? "" : `, since ${momentMark(at)}`;
          if (share === null) return `${words[code]}${code === "listed" ? listWords(about) : ""}${since}`;
          const counted = share.of === 0 ? "" : `${share.count} of ${share.of}, `;
          return `${words[code]}: ${counted}at least ${Math.round(share.lower * 1000) / 10} %`;
        }),
      ],
      fix: {
        steps: [
          "Look at the evidence below: it names what the receiver holds against the server.",
          "Find out who sends the mail that is refused or complained about, and stop that mail.",
          "Send only what people wait for until the reputation is back; that needs days.",
        ],
        measure: { measure: "throttle", provider },
      },
      runbook: "receivers.md#reputation",
      reply: null,
      figures: null,
      fleet: null,
    },
  };
}

/** A list by its name, where this version knows it. */
function listWords(about: string | null): string {
  const list = blockListNames.find((one) => one === about);
  return list === undefined ? "" : ` ${rulesOf(list).title}`;
}

const words: Readonly<Record<ReputationVerdict["evidence"][number]["code"], string>> = {
  blocked: "refused for the sender's name",
  listed: "on the block list",
  throttled: "put off for the sender's name",
  "complaints-high": "marked as spam, three in a thousand or more",
  "complaints-raised": "marked as spam, one in a thousand or more",
  "complaints-few": "marked as spam, too few to say how large their share is",
  "unknown-users": "to mailboxes that do not exist",
  deferred: "put off for their number",
  "dmarc-failing": "failing DMARC",
  accepted: "taken",
  "blocked-before": "refused for the sender's name, and taken since",
  "throttled-before": "put off for the sender's name, and taken since",
  "filter-red": "red at Microsoft's SNDS",
  "filter-yellow": "yellow at Microsoft's SNDS",
  "rules-unmet": "a sender rule is not kept",
  "like-fleet": "judged with the other servers, since this one sent little",
};
