export { beginConnectionWithdrawal, beginDomainWithdrawal } from "./begin-withdrawal.ts";
export {
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
