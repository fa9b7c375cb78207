import {
  acknowledgeFinding,
  getFinding,
  listDeliveryFindings,
  snoozeFinding,
} from "@mailstead/services/findings";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const findingsRouter = router({
  list: queryOf(listDeliveryFindings),
  get: queryOf(getFinding),
  acknowledge: mutationOf(acknowledgeFinding),
  snooze: mutationOf(snoozeFinding),
});
