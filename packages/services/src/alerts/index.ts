export {
  type AlertChannel,
  type AlertLogLine,
  type AlertSettings,
  getAlertSettings,
} from "./list-channels.ts";
export { type FailedChannel, listFailedChannels } from "./lost-alerts.ts";
export { makeAlerts, testAlertChannel } from "./make-alerts.ts";
export {
  type AlertTopic,
  addAlertChannel,
  alertTopics,
  changeAlertChannel,
  removeAlertChannel,
  setTimeZone,
} from "./manage-channels.ts";
export { dismissAlerts, retryAlerts } from "./retry-alerts.ts";
export { type AlertRun, type AlertSending, forgetOldAlerts, sendAlerts } from "./send-alerts.ts";
