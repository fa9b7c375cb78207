import { callTRPCProcedure } from "@trpc/server";
import { describe, expect, test } from "vitest";
import type { RequestContext } from "./request-context.ts";
import { appRouter } from "./router.ts";

const stranger = { requestId: "r", anonymous: {}, member: async () => null } as unknown as RequestContext;
/** What has to work before anybody is known. */
const open = ["access.createFirstOwner"];

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
);

describe("a stranger", () => {
  test.each(procedures.filter(([path]) => !open.includes(path)))(
    "is refused by %s",
    async (path, procedure) => {
      const call = callTRPCProcedure({
        router: appRouter,
        path,
        getRawInput: async () => ({}),
        ctx: stranger,
        type: procedure._def.type as "query",
        signal: new AbortController().signal,
        batchIndex: 0,
      });
      await expect(call).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    },
  );
});
