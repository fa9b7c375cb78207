import {
  classifyReply,
  type ProviderId,
  providerOfHost,
  type ReplyCategory,
  type ReplyVerdict,
  replyCategories,
} from "../delivery/index.ts";
import type { QuotedReply } from "./reply-in-words.ts";
import type { SmtpStage } from "./smtp-stage.ts";

/** What a bounce means. */
export interface BounceVerdict {
  readonly category: ReplyCategory;
  readonly ruleId: string | null;
  readonly owner: ReplyVerdict["owner"];
}

/** What is known of one failure. */
export interface BounceFacts {
  readonly reply: QuotedReply;
  /** The command that the reply answers, where it is known. */
  readonly stage: SmtpStage | null;
  /** All that the notice says of this recipient. */
  readonly words: string;
  readonly status: string | null;
  readonly remoteMta: string | null;
  /** The subject of the notice, which some servers use to say everything. */
  readonly subject: string;
}

// The rule of the classifier for words that anybody says; a receiver's own words for it are sure.
const anyUnknownUser = "unknown-user";
const textCharsMax = 2000;

/**
 * Tells the kind of a failure: by the words of the reply, as the delivery tracker reads them; by the notice's own words
 * where no reply is quoted; by the status code; and last by vague words.
 */
export function classifyBounce(facts: BounceFacts): BounceVerdict {
  const { reply, words, status, remoteMta, subject } = facts;
  const provider = providerOfHost(remoteMta ?? "") ?? providerNamedIn(reply.text);
  const [said = "", told = "", titled = ""] = [reply.text, words, subjectWords(subject)].map(tidy);
  const byCode = classifyReply(
    [reply.code, status ?? reply.status, said].filter(Boolean).join(" "),
    provider,
  );
  const bySaid = byWords(said, provider);
  if (bySaid !== null) return afterMessage(atGreeting(bySaid, facts), facts);
  const isKnown = byCode.basis === "words" || byCode.basis === "code";
  return (
    (reply.code === null || !isKnown ? byWords(told, provider) : null) ??
    (isKnown ? byCode : null) ??
    byVagueWords(`${said} ${told}`, provider) ??
    byWords(titled, provider) ??
    byCode
  );
}

/**
 * A server that took the recipient and, once it has the message, says that there is no such user has filtered it: the
 * address may live, so it must not be given up.
 */
function afterMessage(verdict: BounceVerdict, { reply, stage, status }: BounceFacts): BounceVerdict {
  const isSure =
    verdict.category !== "unknown-user" || verdict.ruleId !== anyUnknownUser || !/user/i.test(reply.text);
  if (stage !== "message" || isSure || /^5\.1\./.test(reply.status ?? status ?? "")) return verdict;
  return { category: "policy", ruleId: "bounce-filtered", owner: replyCategories.policy.owner };
}

/** A server that will not talk at all knows nothing but the address that called, whatever little it says. */
function atGreeting(verdict: BounceVerdict, { stage }: BounceFacts): BounceVerdict {
  if (stage !== "greeting" || verdict.category !== "remote-system") return verdict;
  const category = "ip-reputation";
  return { category, ruleId: "bounce-refused-at-greeting", owner: replyCategories[category].owner };
}

function byWords(text: string, provider: ProviderId | null): BounceVerdict | null {
  const verdict = classifyReply(text, provider);
  return verdict.basis === "words" ? verdict : null;
}

function byVagueWords(text: string, provider: ProviderId | null): BounceVerdict | null {
  const verdict = classifyReply(text, provider);
  return verdict.basis === "none" ? null : verdict;
}

function tidy(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().slice(0, textCharsMax);
}

/** Receivers name themselves in their replies: by their help pages, mostly. */
function providerNamedIn(text: string): ProviderId | null {
  const hosts = text.slice(0, textCharsMax).match(/[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}/gi) ?? [];
  return hosts.map(providerOfHost).find((provider) => provider !== null) ?? null;
}

/** What every subject of a bounce says tells nothing of its cause. */
function subjectWords(subject: string): string {
  return subject.replaceAll(
    /returned (?:mail|to sender)|undeliver\w+|delivery (?:status|failure|notification)\w*|failure notice|mail delivery\b/gi,
    "",
  );
}
