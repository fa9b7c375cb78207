export { type Alert, type AlertEvent, alertSchema, eventsMax, writeAlertMail } from "./alert-text.ts";
export {
  type AlertedFinding,
  type AlertPlan,
  type AlertWish,
  closesAfterMs,
  opensAfterMs,
  planAlert,
  type ToldFinding,
} from "./plan-alert.ts";
export { isQuiet, isTimeZone, type QuietHours } from "./quiet-hours.ts";
