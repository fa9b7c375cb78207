export { holdAccount, holdMailbox, releaseAccount } from "./hold-account.ts";
export { accountOrderKey, holdVerbs } from "./hold-verbs.ts";
export { type AccountAlertRow, listAccountAlerts } from "./list-account-alerts.ts";
export { readWaitingOrders, type WaitingOrder } from "./read-waiting-orders.ts";
export { recordAccountFindings } from "./record-account-findings.ts";
export { accountStream } from "./store-accounts.ts";
