import {
  getServerInventory,
  getUpdatesOverview,
  listServerPackages,
  listServersToRestart,
  listWaitingUpdates,
  searchPackages,
} from "@mailstead/services/updates";
import { queryOf, router } from "../../server/trpc.ts";

export const updatesRouter = router({
  overview: queryOf(getUpdatesOverview),
  waiting: queryOf(listWaitingUpdates),
  search: queryOf(searchPackages),
  toRestart: queryOf(listServersToRestart),
  ofServer: queryOf(getServerInventory),
  packagesOf: queryOf(listServerPackages),
});
