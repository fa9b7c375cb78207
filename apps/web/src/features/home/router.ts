import { listFailedChannels } from "@mailstead/services/alerts";
import { listCertificateFindings, wantedTerms } from "@mailstead/services/certificates";
import { listFindingChanges, listOpenErrors } from "@mailstead/services/checks";
import { readClockProblem } from "@mailstead/services/clock";
import { listDomainFindings, listDomains } from "@mailstead/services/domains";
import { listAnswerable, listDeliveryFindings } from "@mailstead/services/findings";
import { findMailboxes } from "@mailstead/services/mailboxes";
import { listRotationAlarms } from "@mailstead/services/rotations";
import { getFleetOverview, listServers } from "@mailstead/services/servers";
import { listWithdrawalAlarms } from "@mailstead/services/withdrawals";
import { z } from "zod";
import { readReleaseKeyEnd } from "../../server/release-files.ts";
import { memberProcedure, router } from "../../server/trpc.ts";
import { withAnswers } from "./with-answers.ts";

const resultsMax = 6;

/** What needs somebody, of each kind. */
async function readConcerns(services: Parameters<typeof listOpenErrors>[0]) {
  const [
    domainFindings,
    certificateFindings,
    terms,
    rotationAlarms,
    withdrawalAlarms,
    openErrors,
    deliveryFindings,
    clockProblem,
    releaseKeyEnd,
    failedChannels,
  ] = await Promise.all([
    listDomainFindings(services),
    listCertificateFindings(services),
    wantedTerms(services),
    listRotationAlarms(services),
    listWithdrawalAlarms(services),
    listOpenErrors(services),
    listDeliveryFindings(services, {}),
    readClockProblem(services),
    // Nothing that who acts for one customer could mend.
    services.tenantId === null ? readReleaseKeyEnd(services.now()) : null,
    listFailedChannels(services),
  ]);
  return {
    domainFindings,
    certificateFindings,
    terms,
    rotationAlarms,
    withdrawalAlarms,
    openErrors,
    // Home shows a line of each, and the page of the finding the rest.
    deliveryFindings: deliveryFindings.map(({ details: _details, ...line }) => line),
    clockProblem,
    releaseKeyEnd,
    failedChannels,
  };
}

export const homeRouter = router({
  overview: memberProcedure.query(async ({ ctx }) => {
    const { services } = ctx;
    const [fleet, concerns, kept] = await Promise.all([
      getFleetOverview(services),
      readConcerns(services),
      listAnswerable(services),
    ]);
    const all = { ...fleet, ...concerns };
    return { ...all, ...withAnswers(all, kept, services.now()) };
  }),
  findingChanges: memberProcedure.query(({ ctx }) => listFindingChanges(ctx.services)),
  /** Whatever has the text in its name, a few of each kind, for the command palette. */
  find: memberProcedure
    .input(z.object({ text: z.string().trim().min(1).max(200) }))
    .query(async ({ ctx, input }) => {
      const wanted = { search: input.text, limit: resultsMax };
      const [servers, domains, mailboxes] = await Promise.all([
        listServers(ctx.services, wanted),
        listDomains(ctx.services, wanted),
        findMailboxes(ctx.services, wanted),
      ]);
      return {
        servers: servers.servers.map(({ id, name, hostname }) => ({ id, name, hostname })),
        domains: domains.domains.map(({ id, name, unicodeName }) => ({ id, name, unicodeName })),
        mailboxes: mailboxes.mailboxes.map(({ id, address }) => ({ id, address })),
      };
    }),
});
