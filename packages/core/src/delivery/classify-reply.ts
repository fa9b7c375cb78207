import { type ProviderId, providers } from "./provider.ts";
import {
  type FixOwner,
  type ReplyCategory,
  type ReplySeverity,
  type RetryClass,
  replyCategories,
} from "./reply-category.ts";
import type { ReplyRule } from "./reply-rule.ts";
import { accessProviderRules } from "./reply-rules/access-providers.ts";
import { anyReceiverRules } from "./reply-rules/any-receiver.ts";
import { appleRules } from "./reply-rules/apple.ts";
import { earlyWords } from "./reply-rules/early-words.ts";
import { filterRules } from "./reply-rules/filters.ts";
import { gmailRules } from "./reply-rules/gmail.ts";
import { microsoftRules } from "./reply-rules/microsoft.ts";
import { ownPostfixRules } from "./reply-rules/own-postfix.ts";
import { recipientWords } from "./reply-rules/recipient-words.ts";
import { senderWords } from "./reply-rules/sender-words.ts";
import { smarthostRules } from "./reply-rules/smarthost-services.ts";
import { statusCodeRules } from "./reply-rules/status-codes.ts";
import { systemWords } from "./reply-rules/system-words.ts";
import { vagueWords } from "./reply-rules/vague-words.ts";
import { yahooRules } from "./reply-rules/yahoo.ts";
import { parseSmtpReply, type SmtpReply } from "./smtp-reply.ts";

/** What a reply means: its kind, who mends it, what to do with the message, and which rule says so. */
export interface ReplyVerdict {
  readonly category: ReplyCategory;
  readonly owner: FixOwner;
  readonly retry: RetryClass;
  readonly severity: ReplySeverity;
  /** What the receiver calls it, where it has a name for it. */
  readonly tag: string | null;
  readonly ruleId: string | null;
  /**
   * `words`: a receiver's own or generally known words; `code`: only the status code; `vague`: words that say less than a
   * code does; `none`: nothing is known.
   */
  readonly basis: "words" | "code" | "vague" | "none";
}

// A receiver's own words go before words that anybody says, and words before codes, which many receivers use loosely.
const wordRules: readonly ReplyRule[] = [
  ...gmailRules,
  ...microsoftRules,
  ...yahooRules,
  ...appleRules,
  ...accessProviderRules,
  ...filterRules,
  ...smarthostRules,
  ...ownPostfixRules,
  ...earlyWords,
  ...anyReceiverRules,
  ...senderWords,
  ...recipientWords,
  ...systemWords,
];

/** All rules in the order in which they are tried. */
export const replyRules: readonly ReplyRule[] = [...wordRules, ...statusCodeRules, ...vagueWords];

const rulesOfProvider = new Map(
  [null, ...(Object.keys(providers) as ProviderId[])].map((provider) => [
    provider,
    replyRules.filter((rule) => isFor(rule, provider)),
  ]),
);

// What a host is told repeats itself, and many rules are tried for each text.
const knownVerdictsMax = 500;
const knownTextMax = 1000;
const headLength = 3000;
const tailLength = 1000;
const knownVerdicts = new Map<string, ReplyVerdict>();

/**
 * Tells what a receiver means by its reply, or what Postfix means where no receiver said anything. `provider` is
 * whoever owns the host that replied. Promises a verdict for any text; what no rule knows is `unclassified`.
 *
 * @example
 * classifyReply("550 5.1.1 User unknown", null).category // "unknown-user"
 */
export function classifyReply(text: string, provider: ProviderId | null): ReplyVerdict {
  if (text.length > knownTextMax) return judgeReply(text, provider);
  // Put together, it is a text of its own and holds no line of a log in memory.
  const key = `${provider} ${text}`;
  const there = knownVerdicts.get(key);
  if (there !== undefined) return there;
  const verdict = judgeReply(text, provider);
  if (knownVerdicts.size >= knownVerdictsMax) knownVerdicts.clear();
  knownVerdicts.set(key, verdict);
  return verdict;
}

function judgeReply(text: string, provider: ProviderId | null): ReplyVerdict {
  const reply = parseSmtpReply(shortened(text));
  const rule = rulesOfProvider.get(provider)?.find((candidate) => takesReply(candidate, reply, provider));
  const category = rule?.category ?? "unclassified";
  const facts = replyCategories[category];
  return {
    category,
    owner: rule?.owner ?? facts.owner,
    retry: rule?.retry ?? retryOf(facts.retry, reply),
    severity: facts.severity,
    tag: rule?.tag ?? null,
    ruleId: rule?.id ?? null,
    basis: rule === undefined ? "none" : basisOf(rule),
  };
}

/** The rules take time that grows with the square of a text; a reply says what it has to say at its beginning or its end. */
function shortened(text: string): string {
  return text.length <= headLength + tailLength
    ? text
    : `${text.slice(0, headLength)} ${text.slice(-tailLength)}`;
}

function basisOf(rule: ReplyRule): ReplyVerdict["basis"] {
  if (wordRules.includes(rule)) return "words";
  return vagueWords.includes(rule) ? "vague" : "code";
}

/**
 * A permanent reply ends the message, whatever its kind would allow otherwise, and a temporary one says of nobody that he is
 * never to be written to again (RFC 5321 §4.2.1).
 */
function retryOf(usual: RetryClass, { code, enhanced }: SmtpReply): RetryClass {
  const answer = (code ?? enhanced ?? "")[0];
  if (answer === "5" && usual === "retry") return "stop";
  return answer === "4" && usual === "suppress" ? "retry" : usual;
}

/** Whether a rule speaks of this reply. */
export function takesReply(rule: ReplyRule, reply: SmtpReply, provider: ProviderId | null): boolean {
  return (
    isFor(rule, provider) &&
    (rule.code === undefined || (reply.code?.startsWith(rule.code) ?? false)) &&
    (rule.enhanced === undefined || (reply.enhanced !== null && rule.enhanced.test(reply.enhanced))) &&
    (rule.text === undefined || rule.text.test(reply.text))
  );
}

function isFor({ providers: whose }: ReplyRule, provider: ProviderId | null): boolean {
  return whose === undefined || (provider !== null && whose.includes(provider));
}
