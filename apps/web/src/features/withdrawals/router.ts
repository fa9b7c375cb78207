import {
  giveUpWithdrawal,
  listWithdrawals,
  previewConnectionWithdrawal,
  previewDomainWithdrawal,
  retryWithdrawal,
} from "@mailstead/services/withdrawals";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const withdrawalsRouter = router({
  list: queryOf(listWithdrawals),
  ofDomain: queryOf(previewDomainWithdrawal),
  ofConnection: queryOf(previewConnectionWithdrawal),
  retry: mutationOf(retryWithdrawal),
  giveUp: mutationOf(giveUpWithdrawal),
});
