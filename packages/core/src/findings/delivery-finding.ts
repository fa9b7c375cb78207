import {
  classifyReply,
  type FixOwner,
  type ProviderId,
  parseSmtpReply,
  providers,
  type ReplyCategory,
  replyCategories,
} from "../delivery/index.ts";
import type { FindingSeverity } from "../dns/index.ts";
import { momentMark } from "../text/index.ts";
import type { ConditionSubject } from "./delivery-sight.ts";
import type { FindingDetails } from "./finding-details.ts";
import { adviceFor, measureFor, runbookFor } from "./fix-steps.ts";
import type { SightFigures } from "./judge-sight.ts";

export interface DeliveryFinding {
  readonly severity: FindingSeverity;
  readonly sentence: string;
  readonly details: FindingDetails;
}

/** What else is known of a condition when it is put into words. */
export interface SightContext {
  /** How people call the sender: the server's name, a domain or an address. */
  readonly sender: string;
  readonly reply: string | null;
  /** The one domain that nearly all of the refused mail is of, where it is one. */
  readonly mostlyOf: string | null;
}

/** Puts an open condition into words: what, how much, since when, who must act, and what to do. */
export function findingOfSight(
  { category, provider, scope, about }: ConditionSubject,
  sight: SightFigures,
  { sender, reply, mostlyOf }: SightContext,
): DeliveryFinding {
  const { share, refused, firstAt, lastAt, lastDeliveredAt } = sight;
  const { severity } = replyCategories[category];
  const advice = adviceFor(category, provider);
  const code = codeOf(reply, provider);
  // Nobody asks for a sign-in but a smarthost.
  const nobody = category === "smtp-auth" ? "The smarthost" : "Several receivers";
  const who = provider === null ? nobody : providers[provider].title;
  const isOne = provider !== null || category === "smtp-auth";
  const isShutOut = lastDeliveredAt === null || lastDeliveredAt < firstAt;
  // Who is refused in the greeting waits for days, and yet the receiver has said no for good.
  const isRefused = refused > 0 || (reply !== null && (parseSmtpReply(reply).code?.startsWith("5") ?? false));
  const [one, many, after] = phraseOf(category, isRefused);
  const whose = scope === "address" && about !== "" ? about : `mail of ${about === "" ? sender : about}`;
  const mostly = mostlyOf === null || scope !== "server" ? "" : `, nearly all of ${mostlyOf}`;
  return {
    // What is only put off arrives late; it hurts now where nothing arrives at all.
    severity: severity === "minor" || (refused === 0 && !isShutOut) ? "warning" : "error",
    sentence: `${who} ${isOne ? one : many} ${whose}${after}${mostly}${code === null ? "" : ` (${code})`}.`,
    details: {
      category,
      provider,
      owner: ownerOf(category, { reply, provider }),
      why: advice.why,
      evidence: [
        `${share.count} of ${share.of} attempts in six hours ended so; the true share is ${percent(share.lower)} to ${percent(share.upper)}`,
        `first ${momentMark(firstAt)}, last ${momentMark(lastAt)}`,
        lastDeliveredAt === null
          ? "nothing was delivered there in this time"
          : `last delivered ${momentMark(lastDeliveredAt)}`,
      ],
      fix: { steps: [...advice.steps], measure: measureFor(category, provider) },
      runbook: runbookFor(category, provider),
      reply,
      figures: { ...share, refused, firstAt, lastAt, lastDeliveredAt },
      fleet: null,
    },
  };
}

/** Who has to act. A reply may say more of that than its kind does, such as that an address is a dynamic one. */
function ownerOf(
  category: ReplyCategory,
  { reply, provider }: { reply: string | null; provider: ProviderId | null },
): FixOwner {
  const verdict = reply === null ? null : classifyReply(reply, provider);
  return verdict?.category === category ? verdict.owner : replyCategories[category].owner;
}

/** What the receiver does, as people say it: how it is written of one and of several, and what comes after the sender. */
function phraseOf(
  category: ReplyCategory,
  isRefused: boolean,
): readonly [one: string, many: string, after: string] {
  const [one, many] = isRefused ? (["refuses", "refuse"] as const) : (["defers", "defer"] as const);
  switch (category) {
    case "ip-reputation":
    case "ip-blocklist":
    case "domain-reputation":
    case "domain-blocklist":
      return isRefused ? ["blocks", "block", ""] : [one, many, ""];
    case "rate-limit":
      return ["slows down", "slow down", ""];
    case "content-spam":
      return [one, many, " as spam"];
    case "content-virus":
      return [one, many, " as harmful"];
    case "auth-none":
    case "auth-spf":
    case "auth-dkim":
    case "alignment":
    case "dmarc-missing":
    case "dmarc-policy":
      return [one, many, " for failed authentication"];
    case "smtp-auth":
      return [one, many, " for its sign-in or account there"];
    case "rdns":
      return [one, many, " for its reverse name"];
    case "helo":
      return [one, many, " for the name that it greets with"];
    case "unknown-user":
      return [one, many, " for recipients that do not exist"];
    case "tls-failure":
    case "tls-required":
      return [one, many, " for TLS"];
    case "connection":
    case "dns-failure":
      return ["cannot be reached with", "cannot be reached with", ""];
    default:
      return [one, many, ""];
  }
}

/** What the receiver itself calls it: S3150, TSS04, the rule that GMX links to, or the code of its reply. */
export function codeOf(reply: string | null, provider: ProviderId | null): string | null {
  if (reply === null) return null;
  const named =
    /\b(S\d{4}|TSS?\d{2}|AS\d{4,5}|[A-Z]{2}-\d{3})\b/.exec(reply)?.[1] ?? /[?&]c=(r\d{4})\b/.exec(reply)?.[1];
  const { enhanced, code } = parseSmtpReply(reply);
  return named ?? enhanced ?? classifyReply(reply, provider).tag ?? code;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
