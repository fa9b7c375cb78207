export { classifyReply, type ReplyVerdict, replyRules } from "./classify-reply.ts";
export { type ProviderId, providerOfHost, providers } from "./provider.ts";
export {
  type CategoryFacts,
  type FixOwner,
  type ReplyCategory,
  type ReplySeverity,
  type RetryClass,
  replyCategories,
} from "./reply-category.ts";
export { parseSmtpReply, type SmtpReply } from "./smtp-reply.ts";
