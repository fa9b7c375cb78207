import {
  addDomain,
  addDomainServer,
  addDomainWithoutMail,
  changeDomainServer,
  changeMailSettings,
  changeMtaSts,
  checkDomain,
  getDomain,
  getMailSettings,
  getMtaSts,
  keepDomainServer,
  listDomains,
  previewServerRemoval,
  previewStopMail,
  removeDomain,
  removeDomainServer,
  startDomainMail,
  stopDomainMail,
} from "@mailstead/services/domains";
import { z } from "zod";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const domainsRouter = router({
  list: queryOf(listDomains),
  get: queryOf(getDomain),
  add: mutationOf(addDomain),
  addWithoutMail: mutationOf(addDomainWithoutMail),
  remove: mutationOf(removeDomain),
  mailSettings: queryOf(getMailSettings),
  changeMailSettings: mutationOf(changeMailSettings),
  addServer: mutationOf(addDomainServer),
  changeServer: mutationOf(changeDomainServer),
  removeServer: mutationOf(removeDomainServer),
  keepServer: mutationOf(keepDomainServer),
  /** Which records leave with a server. */
  serverRemoval: queryOf(previewServerRemoval),
  startMail: mutationOf(startDomainMail),
  stopMail: mutationOf(stopDomainMail),
  stopPreview: queryOf(previewStopMail),
  mtaSts: queryOf(getMtaSts),
  changeMtaSts: mutationOf(changeMtaSts),
  check: memberProcedure
    .input(z.object({ domainId: z.string() }))
    .mutation(({ ctx, input }) => checkDomain(ctx.services, input)),
});
