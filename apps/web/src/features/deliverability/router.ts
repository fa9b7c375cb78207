import { getCountsBehind, getDomainDelivery, getServerDelivery } from "@mailstead/services/delivery";
import {
  getDomainReports,
  getSenderReports,
  getTlsOverview,
  listReportSenders,
  settleSources,
  unsettleSource,
} from "@mailstead/services/reports";
import {
  getCourse,
  getDay,
  getDomainReputation,
  getFleetReputation,
  getServerReputation,
  listStandings,
} from "@mailstead/services/reputation";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const deliverabilityRouter = router({
  reports: queryOf(getDomainReports),
  behind: memberProcedure.query(({ ctx }) => getCountsBehind(ctx.services)),
  domain: queryOf(getDomainDelivery),
  server: queryOf(getServerDelivery),
  domainReputation: queryOf(getDomainReputation),
  serverReputation: queryOf(getServerReputation),
  fleet: queryOf(getFleetReputation),
  standings: queryOf(listStandings),
  course: queryOf(getCourse),
  day: queryOf(getDay),
  senders: queryOf(listReportSenders),
  senderReports: queryOf(getSenderReports),
  settleSources: mutationOf(settleSources),
  unsettleSource: mutationOf(unsettleSource),
  tls: queryOf(getTlsOverview),
});
