import { forgetOldAlerts, makeAlerts, sendAlerts } from "@mailstead/services/alerts";
import type { Database, Installation } from "@mailstead/services/context";
import { recordDeliveryFindings } from "@mailstead/services/findings";
import type { SecretOpener } from "@mailstead/services/secrets";
import { recordRuleFindings } from "@mailstead/services/sender-rules";
import { recordVerdictFindings } from "@mailstead/services/verdicts";
import type { MailSender } from "../mail-sender.ts";
import type { WorkerContext } from "../worker-context.ts";
import type { Schedule } from "./schedule.ts";

// Hosts tell every minute; what receivers answer is judged over hours.
const findingsEveryMs = 3 * 60_000;
// Most of what rules are judged by is of thirty days.
const rulesEveryMs = 60 * 60_000;
const alertsEveryMs = 20_000;
const sendingEveryMs = 10_000;
const oldAlertsEveryMs = 60 * 60_000;

/** What receivers hold against servers and domains, and telling it through the channels of each organisation. */
export function alertSchedules(
  { log, system }: WorkerContext,
  {
    app,
    installation,
    opener,
    sender,
  }: { app: Database; installation: Installation; opener: SecretOpener; sender: MailSender | null },
): readonly Schedule[] {
  return [
    {
      name: "what receivers answer",
      everyMs: findingsEveryMs,
      async run() {
        for (const { organisationId, cause } of await recordDeliveryFindings(system(), { app, installation }))
          log.error(
            { err: cause, organisationId },
            "what receivers answer could not be judged; it is tried again",
          );
      },
    },
    {
      name: "own mail that is held to be spam",
      everyMs: findingsEveryMs,
      async run() {
        for (const { organisationId, cause } of await recordVerdictFindings(system(), { app, installation }))
          log.error(
            { err: cause, organisationId },
            "what spam filters hold of their own mail could not be judged; it is tried again",
          );
      },
    },
    {
      name: "rules for senders",
      everyMs: rulesEveryMs,
      async run() {
        for (const { organisationId, cause } of await recordRuleFindings(system(), { app, installation }))
          log.error(
            { err: cause, organisationId },
            "whether senders keep the rules could not be judged; it is tried again",
          );
      },
    },
    {
      name: "alerts to write",
      everyMs: alertsEveryMs,
      async run() {
        for (const { channelId, cause } of await makeAlerts(system(), { app, installation }))
          log.error({ err: cause, channelId }, "an alert could not be written; it is tried again");
      },
    },
    {
      name: "alerts to send",
      everyMs: sendingEveryMs,
      async run() {
        const sendMail = sender === null ? null : sender.send.bind(sender);
        const { failed } = await sendAlerts(system(), { installation, opener, sendMail });
        for (const { alertId, problem } of failed)
          log.warn({ alertId, problem }, "an alert could not be sent");
      },
    },
    {
      name: "old alerts",
      everyMs: oldAlertsEveryMs,
      async run() {
        await forgetOldAlerts(system());
      },
    },
  ];
}
