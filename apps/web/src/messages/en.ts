import { access } from "./en/access.ts";
import { accounts } from "./en/accounts.ts";
import { alerts } from "./en/alerts.ts";
import { blockLists } from "./en/block-lists.ts";
import { bulk } from "./en/bulk.ts";
import { certificates } from "./en/certificates.ts";
import { checks } from "./en/checks.ts";
import { course } from "./en/course.ts";
import { deliverability } from "./en/deliverability.ts";
import { delivery } from "./en/delivery.ts";
import { dkimDelegation } from "./en/dkim-delegation.ts";
import { domainServers } from "./en/domain-servers.ts";
import { domains } from "./en/domains.ts";
import { feeds } from "./en/feeds.ts";
import { filters } from "./en/filters.ts";
import { findings } from "./en/findings.ts";
import { jobs } from "./en/jobs.ts";
import { mailQueue } from "./en/mail-queue.ts";
import { mailSettings } from "./en/mail-settings.ts";
import { mailboxes } from "./en/mailboxes.ts";
import { maintenance } from "./en/maintenance.ts";
import { measures } from "./en/measures.ts";
import { office } from "./en/office.ts";
import { publishing } from "./en/publishing.ts";
import { reports } from "./en/reports.ts";
import { reputation } from "./en/reputation.ts";
import { rollouts } from "./en/rollouts.ts";
import { rotations } from "./en/rotations.ts";
import { runbooks } from "./en/runbooks.ts";
import { senderRules } from "./en/sender-rules.ts";
import { servers } from "./en/servers.ts";
import { shell } from "./en/shell.ts";
import { tags } from "./en/tags.ts";
import { trace } from "./en/trace.ts";
import { updates } from "./en/updates.ts";
import { verdicts } from "./en/verdicts.ts";
import { webService } from "./en/web-service.ts";
import { withdrawals } from "./en/withdrawals.ts";
import { zones } from "./en/zones.ts";

/** All words in English; another language is a catalogue with the same keys. */
export const en = {
  ...shell,
  ...access,
  ...alerts,
  ...servers,
  ...feeds,
  ...jobs,
  ...domains,
  ...domainServers,
  ...deliverability,
  ...delivery,
  ...reputation,
  ...blockLists,
  ...bulk,
  ...accounts,
  ...filters,
  ...findings,
  ...runbooks,
  ...senderRules,
  ...verdicts,
  ...certificates,
  ...course,
  ...mailQueue,
  ...mailSettings,
  ...mailboxes,
  ...maintenance,
  ...measures,
  ...office,
  ...checks,
  ...publishing,
  ...reports,
  ...rollouts,
  ...rotations,
  ...dkimDelegation,
  ...tags,
  ...trace,
  ...updates,
  ...webService,
  ...withdrawals,
  ...zones,
} as const;
