import { type AccountFindingKind, accountFindingPrefix } from "../accounts/index.ts";
import { seenBlockListPrefix } from "../block-lists/index.ts";
import { certificateFindingPrefix } from "../certificates/index.ts";
import { conditionFindingPrefix, smarthostFindingPrefix, waitingFindingPrefix } from "../checks/index.ts";
import { keyFindingPrefix } from "../dkim/index.ts";
import { feedFindingPrefix } from "../feeds/index.ts";
import { deliveryFindingPrefix, fleetFindingPrefix } from "../findings/index.ts";
import { measureFindingPrefix } from "../measures/index.ts";
import { reportFindingPrefix } from "../reports/index.ts";
import { rolloutFindingPrefix } from "../rollouts/index.ts";
import { ruleFindingPrefix } from "../sender-rules/index.ts";
import { verdictFindingPrefix } from "../verdicts/index.ts";

/** Of what a finding tells, as a word above it says. The first that fits a key is its topic. */
const prefixes = [
  ["fleet", fleetFindingPrefix],
  ["answers", deliveryFindingPrefix],
  ["rule", ruleFindingPrefix],
  ["own-spam", verdictFindingPrefix],
  ["waiting", waitingFindingPrefix],
  ["host", conditionFindingPrefix],
  ["account", accountFindingPrefix],
  ["block-list", seenBlockListPrefix],
  ["block-list", "block-list"],
  ["block-list", "domain-block-listed"],
  ["certificate", certificateFindingPrefix],
  ["certificate", "certificate-"],
  ["feed", feedFindingPrefix],
  ["keys", keyFindingPrefix],
  ["measure", measureFindingPrefix],
  ["report", reportFindingPrefix],
  ["smarthost", smarthostFindingPrefix],
  ["rollout", rolloutFindingPrefix],
  ["withdrawal", "withdrawal "],
  ["record", "record "],
] as const;

export type FindingTopic = (typeof prefixes)[number][0] | "outside";

/** Which words say when a finding is over: those of its topic, and of accounts those of its kind. */
export type FindingRecheck = Exclude<FindingTopic, "account"> | AccountFindingKind;

/** When a finding of this key is over. A held account is let go by a person only, a suspicious one also by a quiet day. */
export function recheckOf(key: string): FindingRecheck {
  const topic = topicOf(key);
  if (topic !== "account") return topic;
  return key.startsWith(`${accountFindingPrefix}held `) ? "account-held" : "account-suspicious";
}

/** outside: what strangers see of a zone, a domain or a server. */
export function topicOf(key: string): FindingTopic {
  return prefixes.find(([, prefix]) => key.startsWith(prefix))?.[0] ?? "outside";
}
