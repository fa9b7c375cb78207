export { beginConnectionWithdrawal } from "./begin-connection-withdrawal.ts";
export { beginDomainWithdrawal } from "./begin-withdrawal.ts";
export { listWithdrawalAlarms, type WithdrawalAlarm } from "./list-withdrawal-alarms.ts";
export {
  type ConnectionWithdrawalPreview,
  previewConnectionWithdrawal,
  previewDomainWithdrawal,
  type WithdrawalPreview,
} from "./preview-withdrawal.ts";
export { type RecordCustody, readRecordCustody } from "./record-custody.ts";
export {
  giveUpWithdrawal,
  listWithdrawals,
  removeIfUnneeded,
  retryWithdrawal,
  type WithdrawalRow,
} from "./settle-withdrawal.ts";
export { takeBackRecords } from "./take-back-records.ts";
export { closeWithdrawalFinding, isTold, openWithdrawalFinding } from "./withdrawal-findings.ts";
