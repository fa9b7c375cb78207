import {
  checkDueServers,
  forgetOldMails,
  makeDigests,
  recordHostConditions,
  recordSmarthostFindings,
  sendWaitingMails,
} from "@mailstead/services/checks";
import type { Database, Installation } from "@mailstead/services/context";
import { recordReportFindings } from "@mailstead/services/reports";
import type { MailSender } from "../mail-sender.ts";
import type { WorkerContext } from "../worker-context.ts";
import { resolverSilence } from "./resolver-silence.ts";
import type { Schedule } from "./schedule.ts";

const dueServersEveryMs = 30_000;
const reportsEveryMs = 60 * 60_000;
const conditionsEveryMs = 60_000;
const digestsEveryMs = 5 * 60_000;
const mailsEveryMs = 30_000;
const oldMailsEveryMs = 60 * 60_000;

/** What the outside world sees of servers, what their hosts tell of themselves, and the mails that tell what changed. */
export function checkSchedules(
  { log, system }: WorkerContext,
  { app, installation, sender }: { app: Database; installation: Installation; sender: MailSender | null },
): readonly Schedule[] {
  const tellSilence = resolverSilence(log);
  const ofServers: Schedule = {
    name: "servers to look at",
    everyMs: dueServersEveryMs,
    async run() {
      const run = await checkDueServers(system(), { app, installation });
      for (const { serverId, cause } of run.failed)
        log.error({ err: cause, serverId }, "a server could not be looked at; it is tried again");
      tellSilence(run);
    },
  };
  const ofHosts: Schedule = {
    name: "what hosts tell of themselves",
    everyMs: conditionsEveryMs,
    async run() {
      for (const { organisationId, cause } of await recordHostConditions(system(), { app, installation }))
        log.error(
          { err: cause, organisationId },
          "what hosts tell of themselves could not be kept; it is tried again",
        );
    },
  };
  const ofSmarthosts: Schedule = {
    name: "smarthosts that wait for a person",
    everyMs: conditionsEveryMs,
    async run() {
      for (const { serverId, cause } of await recordSmarthostFindings(system(), { app, installation }))
        log.error({ err: cause, serverId }, "a smarthost that waits could not be kept; it is tried again");
    },
  };
  const ofReports: Schedule = {
    name: "what receivers reported",
    everyMs: reportsEveryMs,
    async run() {
      for (const { organisationId, cause } of await recordReportFindings(system(), { app, installation }))
        log.error(
          { err: cause, organisationId },
          "what receivers reported could not be judged; it is tried again",
        );
    },
  };
  // Without a way to send, changes stay untold until there is one; Home shows them all the same.
  if (sender === null) return [ofServers, ofHosts, ofSmarthosts, ofReports];
  return [
    ofServers,
    ofHosts,
    ofSmarthosts,
    ofReports,
    {
      name: "mails of what changed",
      everyMs: digestsEveryMs,
      async run() {
        const count = await makeDigests(system(), { app, installation });
        if (count > 0) log.info({ count }, "mails tell what changed");
      },
    },
    {
      name: "mails to send",
      everyMs: mailsEveryMs,
      async run() {
        const { failed } = await sendWaitingMails(system(), (mail) => sender.send(mail));
        for (const { id, problem } of failed) log.warn({ mailId: id, problem }, "a mail could not be sent");
      },
    },
    {
      name: "old mails",
      everyMs: oldMailsEveryMs,
      async run() {
        await forgetOldMails(system());
      },
    },
  ];
}
