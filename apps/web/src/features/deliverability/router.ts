import { getDomainDelivery, getServerDelivery } from "@mailstead/services/delivery";
import { getDomainReports } from "@mailstead/services/reports";
import {
  getDomainReputation,
  getFleetReputation,
  getServerReputation,
  listStandings,
} from "@mailstead/services/reputation";
import { queryOf, router } from "../../server/trpc.ts";

export const deliverabilityRouter = router({
  reports: queryOf(getDomainReports),
  domain: queryOf(getDomainDelivery),
  server: queryOf(getServerDelivery),
  domainReputation: queryOf(getDomainReputation),
  serverReputation: queryOf(getServerReputation),
  fleet: queryOf(getFleetReputation),
  standings: queryOf(listStandings),
});
