import {
  delegateDomainKeys,
  getDelegationZone,
  getDomainDelegation,
  keepDomainKeys,
  setDelegationZone,
} from "@mailstead/services/dkim-delegation";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const dkimDelegationRouter = router({
  zone: memberProcedure.query(({ ctx }) => getDelegationZone(ctx.services)),
  setZone: mutationOf(setDelegationZone),
  domain: queryOf(getDomainDelegation),
  delegate: mutationOf(delegateDomainKeys),
  keep: mutationOf(keepDomainKeys),
});
