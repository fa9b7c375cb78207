import { holdAccount, holdMailbox, listAccountAlerts, releaseAccount } from "@mailstead/services/accounts";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const accountsRouter = router({
  list: queryOf(listAccountAlerts),
  hold: mutationOf(holdAccount),
  holdMailbox: mutationOf(holdMailbox),
  release: mutationOf(releaseAccount),
});
