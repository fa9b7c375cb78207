import { getDomainDelivery, getServerDelivery } from "@mailstead/services/delivery";
import { getDomainReports } from "@mailstead/services/reports";
import { queryOf, router } from "../../server/trpc.ts";

export const deliverabilityRouter = router({
  reports: queryOf(getDomainReports),
  domain: queryOf(getDomainDelivery),
  server: queryOf(getServerDelivery),
});
