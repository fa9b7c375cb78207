import {
  compareZoneText,
  connectDns,
  getPublication,
  listDnsConnections,
  planPublication,
  publishPlan,
  removeDnsConnection,
  testDnsConnection,
} from "@mailstead/services/publishing";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const publishingRouter = router({
  connections: queryOf(listDnsConnections),
  connect: mutationOf(connectDns),
  test: mutationOf(testDnsConnection),
  disconnect: mutationOf(removeDnsConnection),
  latest: queryOf(getPublication),
  plan: mutationOf(planPublication),
  publish: mutationOf(publishPlan),
  compare: mutationOf(compareZoneText),
});
