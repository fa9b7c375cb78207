import { type FindingDetails, type FixPage, fixPageOf } from "../findings/index.ts";
import { ruleKeyOf, rulePages, senderRules } from "../sender-rules/index.ts";
import { type FindingTopic, topicOf } from "./topic-of.ts";

const ofTopic: Readonly<Partial<Record<FindingTopic, FixPage>>> = {
  account: "accounts",
  "block-list": "block-lists",
  certificate: "certificates",
  feed: "feeds",
  keys: "keys",
  measure: "measures",
  outside: "overview",
  record: "records",
  report: "reports",
  rollout: "rollouts",
  smarthost: "settings",
  waiting: "queue",
  withdrawal: "withdrawals",
  host: "overview",
};
const queueKinds = /^condition-queue-(long|stuck|old) /;
const settingsKinds =
  /^(condition-(port-25-blocked|dns-blocked) |prefer-ipv4 |ipv6-missing |helo-differs |web-imprint )/;

/** Where in the dashboard a finding of whatever kind is mended. */
export function pageOf(key: string, details: FindingDetails | null): FixPage {
  const rule = senderRules.find((one) => ruleKeyOf(one) === key);
  if (rule !== undefined) return rulePages[rule];
  if (queueKinds.test(key)) return "queue";
  if (settingsKinds.test(key)) return "settings";
  if (key.startsWith("condition-dkim-key-gone ")) return "keys";
  return ofTopic[topicOf(key)] ?? fixPageOf(details?.category ?? null);
}
