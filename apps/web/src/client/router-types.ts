import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../server/router.ts";

/** What the API is asked, by slice and procedure. */
export type RouterInputs = inferRouterInputs<AppRouter>;
/** What the API answers, by slice and procedure. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;
