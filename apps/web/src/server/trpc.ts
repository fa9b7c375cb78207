import type { ServiceContext } from "@mailstead/services/context";
import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { z } from "zod";
import { logProblem } from "./log.ts";
import type { RequestContext } from "./request-context.ts";
import { readServiceFailure } from "./service-failure.ts";

// A stream that never ends would outlive revoked sessions and rolled-out versions, so the browser comes back now and then.
const streamLengthMs = 5 * 60_000;
const streamPingMs = 15_000;
const reconnectAfterSilenceMs = 40_000;

const t = initTRPC.context<RequestContext>().create({
  transformer: superjson,
  sse: {
    maxDurationMs: streamLengthMs,
    ping: { enabled: true, intervalMs: streamPingMs },
    client: { reconnectAfterInactivityMs: reconnectAfterSilenceMs },
  },
  errorFormatter: ({ shape, error, ctx }) => ({
    message: shape.message,
    code: shape.code,
    data: {
      code: shape.data.code,
      httpStatus: shape.data.httpStatus,
      kind: error.cause instanceof TranslatedFailure ? error.cause.kind : "internal",
      requestId: ctx?.requestId ?? null,
    },
  }),
});

class TranslatedFailure extends Error {
  readonly kind: string;
  constructor(kind: string, cause: unknown) {
    super(kind, { cause });
    this.kind = kind;
  }
}

/** Maps every failure once: a service's own words are shown, anything unexpected is logged and shown as an id. */
const translateFailures = t.middleware(async ({ ctx, path, next }) => {
  const result = await next();
  if (result.ok) return result;
  const cause = result.error.cause ?? result.error;
  const failure = readServiceFailure(result.error);
  if (failure.kind === "internal") {
    logProblem("request failed", { requestId: ctx.requestId, path, cause });
  }
  throw new TRPCError({
    code: failure.code,
    message: failure.sentence,
    cause: new TranslatedFailure(failure.kind, cause),
  });
});

export const router = t.router;
export const createCaller = t.createCallerFactory;

/** For what a person may ask before signing in. */
export const publicProcedure = t.procedure.use(translateFailures);

/** For everything else: refuses without a session that still stands at this very request. */
export const memberProcedure = publicProcedure.use(async ({ ctx, next }) => {
  const member = await ctx.member();
  if (member === null)
    throw new TRPCError({ code: "UNAUTHORIZED", message: "Your session has ended. Sign in again." });
  return next({ ctx: { ...ctx, session: member.session, services: member.services } });
});

type UseCase<Input, Output> = (ctx: ServiceContext, input: Input) => Promise<Output>;

/** A use case as a query. The use case parses its own input, so its type is all that is said here. */
export function queryOf<Input, Output>(useCase: UseCase<Input, Output>) {
  return memberProcedure
    .input(passedOn<Input>())
    .query(({ ctx, input }) => useCase(ctx.services, input as Input));
}

/** A use case as a mutation. */
export function mutationOf<Input, Output>(useCase: UseCase<Input, Output>) {
  return memberProcedure
    .input(passedOn<Input>())
    .mutation(({ ctx, input }) => useCase(ctx.services, input as Input));
}

function passedOn<Input>() {
  return z.custom<Input>((value) => typeof value === "object" && value !== null && !Array.isArray(value));
}
