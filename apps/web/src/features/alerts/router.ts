import {
  addAlertChannel,
  changeAlertChannel,
  dismissAlerts,
  getAlertSettings,
  removeAlertChannel,
  retryAlerts,
  setTimeZone,
  testAlertChannel,
} from "@mailstead/services/alerts";
import { memberProcedure, mutationOf, router } from "../../server/trpc.ts";

export const alertsRouter = router({
  settings: memberProcedure.query(({ ctx }) => getAlertSettings(ctx.services)),
  add: mutationOf(addAlertChannel),
  change: mutationOf(changeAlertChannel),
  remove: mutationOf(removeAlertChannel),
  dismiss: mutationOf(dismissAlerts),
  retry: mutationOf(retryAlerts),
  test: mutationOf(testAlertChannel),
  setTimeZone: mutationOf(setTimeZone),
});
