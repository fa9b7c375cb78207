import { ServiceError, type ServiceErrorKind } from "@mailstead/services/context";
import { TRPCError } from "@trpc/server";
import { ZodError } from "zod";

export interface Failure {
  kind: ServiceErrorKind | "signed-out";
  code: TRPCError["code"];
  sentence: string;
}

const codes: Record<ServiceErrorKind, TRPCError["code"]> = {
  "not-found": "NOT_FOUND",
  forbidden: "FORBIDDEN",
  conflict: "CONFLICT",
  invalid: "BAD_REQUEST",
  "limit-reached": "TOO_MANY_REQUESTS",
  "precondition-failed": "PRECONDITION_FAILED",
  internal: "INTERNAL_SERVER_ERROR",
};

/** What a person is told about a failure. A service's sentence is shown as it is; of anything unexpected, nothing is. */
export function readServiceFailure(error: unknown): Failure {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ServiceError && cause.kind !== "internal")
      return { kind: cause.kind, code: codes[cause.kind], sentence: cause.message };
    if (cause instanceof ZodError)
      return {
        kind: "invalid",
        code: "BAD_REQUEST",
        sentence: `${cause.issues[0]?.message ?? "The input is not valid"}.`,
      };
  }
  if (error instanceof TRPCError && error.code === "UNAUTHORIZED")
    return { kind: "signed-out", code: "UNAUTHORIZED", sentence: error.message };
  if (error instanceof TRPCError && error.code === "NOT_FOUND")
    return { kind: "not-found", code: "NOT_FOUND", sentence: error.message };
  return { kind: "internal", code: "INTERNAL_SERVER_ERROR", sentence: "Internal error." };
}
