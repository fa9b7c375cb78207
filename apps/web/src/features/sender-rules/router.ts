import { getSenderRules } from "@mailstead/services/sender-rules";
import { queryOf, router } from "../../server/trpc.ts";

export const senderRulesRouter = router({
  domain: queryOf(getSenderRules),
});
