export { holdAccount, holdMailbox, releaseAccount } from "./hold-account.ts";
export { type AccountAlertRow, listAccountAlerts } from "./list-account-alerts.ts";
export { recordAccountFindings } from "./record-account-findings.ts";
export { accountStream } from "./store-accounts.ts";
