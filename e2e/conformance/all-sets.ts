import type { Material } from "./material.ts";
import type { ScoreBook } from "./score.ts";
import { scoreAuthentication } from "./sets/authentication.ts";
import { scoreLabelledBounces } from "./sets/bounces-a.ts";
import { scoreStandardReasons } from "./sets/bounces-b.ts";
import { scoreOldBounces } from "./sets/bounces-c.ts";
import { scoreFeedbackReports } from "./sets/feedback-reports.ts";
import { scoreMtaSts } from "./sets/mta-sts.ts";
import { scoreNamedLines } from "./sets/postfix-lines.ts";
import { scoreRegistrableDomains } from "./sets/public-suffix.ts";
import { scoreAggregateReports, scoreTlsReports } from "./sets/reports.ts";
import { scoreReplies } from "./sets/smtp-replies.ts";
import { scoreSpfSuite } from "./sets/spf.ts";
import { scoreWholeLogs } from "./sets/whole-logs.ts";

/** How each set is scored, by the name of its folder. */
export const allSets: Readonly<Record<string, (material: Material, book: ScoreBook) => Promise<void>>> = {
  "bounces-a": scoreLabelledBounces,
  "bounces-b": scoreStandardReasons,
  "bounces-c": scoreOldBounces,
  "smtp-replies": scoreReplies,
  "postfix-lines": scoreNamedLines,
  "postfix-logs": scoreWholeLogs,
  "dmarc-aggregate": scoreAggregateReports,
  "feedback-reports": scoreFeedbackReports,
  "tls-rpt": scoreTlsReports,
  "spf-rfc7208": scoreSpfSuite,
  "rspamd-auth": scoreAuthentication,
  "mta-sts": scoreMtaSts,
  "public-suffix": scoreRegistrableDomains,
};
