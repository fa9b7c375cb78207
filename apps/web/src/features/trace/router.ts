import { readTraceAnswers, startTrace } from "@mailstead/services/trace";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const traceRouter = router({
  start: mutationOf(startTrace),
  answers: queryOf(readTraceAnswers),
});
