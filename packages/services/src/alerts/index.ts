export {
  type AlertChannel,
  type AlertLogLine,
  type AlertSettings,
  getAlertSettings,
} from "./list-channels.ts";
export { makeAlerts, testAlertChannel } from "./make-alerts.ts";
export {
  type AlertTopic,
  addAlertChannel,
  alertTopics,
  changeAlertChannel,
  removeAlertChannel,
  setTimeZone,
} from "./manage-channels.ts";
export { type FailedChannel, listFailedChannels, retryAlerts } from "./retry-alerts.ts";
export { type AlertRun, type AlertSending, forgetOldAlerts, sendAlerts } from "./send-alerts.ts";
