import {
  changeBlockListSettings,
  getBlockListSettings,
  getFleetBlockLists,
  getServerBlockLists,
} from "@mailstead/services/block-lists";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const blockListsRouter = router({
  ofFleet: queryOf(getFleetBlockLists),
  ofServer: queryOf(getServerBlockLists),
  settings: memberProcedure.query(({ ctx }) => getBlockListSettings(ctx.services)),
  changeSettings: mutationOf(changeBlockListSettings),
});
