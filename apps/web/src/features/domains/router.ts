import { addDomain, checkDomain, getDomain, listDomains, removeDomain } from "@mailstead/services/domains";
import { z } from "zod";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const domainsRouter = router({
  list: queryOf(listDomains),
  get: queryOf(getDomain),
  add: mutationOf(addDomain),
  remove: mutationOf(removeDomain),
  check: memberProcedure
    .input(z.object({ domainId: z.string() }))
    .mutation(({ ctx, input }) => checkDomain(ctx.services, input)),
});
