import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../server/router.ts";

/** What the API answers, by slice and procedure. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;
