export {
  type DeliveryAction,
  type DeliveryStatusReport,
  parseDeliveryStatus,
  type RecipientStatus,
} from "./delivery-status.ts";
export { headerOf, type MailHeader, type MailPart, type MailTree, parseHeaderLines } from "./mail-tree.ts";
export {
  type BouncedRecipient,
  type ReturnedMail,
  type ReturnedMailKind,
  readBounce,
} from "./read-bounce.ts";
export type { ReturnedMessage } from "./returned-message.ts";
