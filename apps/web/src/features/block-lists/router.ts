import {
  changeBlockListSettings,
  getBlockListSettings,
  getServerBlockLists,
} from "@mailstead/services/block-lists";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const blockListsRouter = router({
  ofServer: queryOf(getServerBlockLists),
  settings: memberProcedure.query(({ ctx }) => getBlockListSettings(ctx.services)),
  changeSettings: mutationOf(changeBlockListSettings),
});
