import { getServerVerdicts } from "@mailstead/services/verdicts";
import { queryOf, router } from "../../server/trpc.ts";

export const verdictsRouter = router({
  server: queryOf(getServerVerdicts),
});
