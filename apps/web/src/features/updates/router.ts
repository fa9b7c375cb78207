import {
  findOpenServers,
  getSecurityLists,
  getServerInventory,
  getUpdatesOverview,
  listOpenCves,
  listServerCves,
  listServerPackages,
  listServersToRestart,
  listWaitingUpdates,
  searchPackages,
} from "@mailstead/services/updates";
import { memberProcedure, queryOf, router } from "../../server/trpc.ts";

export const updatesRouter = router({
  overview: queryOf(getUpdatesOverview),
  waiting: queryOf(listWaitingUpdates),
  search: queryOf(searchPackages),
  toRestart: queryOf(listServersToRestart),
  ofServer: queryOf(getServerInventory),
  packagesOf: queryOf(listServerPackages),
  cves: queryOf(listOpenCves),
  cvesOf: queryOf(listServerCves),
  openTo: queryOf(findOpenServers),
  securityLists: memberProcedure.query(({ ctx }) => getSecurityLists(ctx.services)),
});
