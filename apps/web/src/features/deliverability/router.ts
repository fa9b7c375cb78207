import { getDomainDelivery, getServerDelivery } from "@mailstead/services/delivery";
import { queryOf, router } from "../../server/trpc.ts";

export const deliverabilityRouter = router({
  domain: queryOf(getDomainDelivery),
  server: queryOf(getServerDelivery),
});
