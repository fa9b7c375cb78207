import { isRoleAtLeast, type Role, roles } from "@mailstead/core/access";
import { callTRPCProcedure } from "@trpc/server";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { RequestContext } from "../../server/request-context.ts";
import { appRouter } from "../../server/router.ts";
import { neededRoles } from "./needed-roles.ts";

const id = "01890000-0000-7000-8000-000000000001";

/** Enough to get past what a use case asks of its input before it asks for the role. */
const input = {
  ...Object.fromEntries(
    ["serverId", "domainId", "zoneId", "mailboxId", "aliasId", "jobId", "tenantId", "rolloutId"].map(
      (name) => [name, id],
    ),
  ),
  password: "a long sentence for a key",
  quotaBytes: 0,
  isEnabled: true,
  driftPolicy: "ask",
  hostname: "mx.fjord.example",
  service: "postfix",
  address: "192.0.2.1",
  kind: "by-hand",
  settings: {},
  wave: 1,
  overrides: { postfixMain: [], dovecot: "", rspamd: {}, sieveBefore: "" },
};

/** A person of the role, whose work ends at the database: by then the role has been asked for. */
function memberOf(role: Role): RequestContext {
  const services = {
    organisationId: id,
    tenantId: null,
    actor: { kind: "user", userId: id, name: "Kari", role },
    database: { transaction: () => Promise.reject(new Error("got as far as the database")) },
    now: () => new Date(0),
    requestId: "r",
    installation: { publicUrl: "https://control.fjord.example" },
  };
  return {
    requestId: "r",
    anonymous: {},
    member: async () => ({ session: { sessionId: id, role }, services }),
  } as unknown as RequestContext;
}

/** Whether the procedure refuses a person for this role. */
async function isRefused(path: string, type: string, role: Role): Promise<boolean> {
  const call = callTRPCProcedure({
    router: appRouter,
    path,
    getRawInput: async () => input,
    ctx: memberOf(role),
    type: type as "query",
    signal: new AbortController().signal,
    batchIndex: 0,
  });
  return call.then(
    () => false,
    (error: { code: string }) => error.code === "FORBIDDEN",
  );
}

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
).map(([path, { _def }]) => ({ path, type: _def.type }));

describe("the roles that the screens go by", () => {
  // What comes to the database is told to the log as what nobody expected.
  beforeAll(() => void vi.spyOn(process.stderr, "write").mockReturnValue(true));

  test.each(procedures.filter(({ type }) => type !== "subscription"))(
    "are those that $path asks for",
    async ({ path, type }) => {
      const needed: Role = path in neededRoles ? neededRoles[path as keyof typeof neededRoles] : "auditor";
      for (const role of roles)
        expect({ role, isRefused: await isRefused(path, type, role) }).toEqual({
          role,
          isRefused: !isRoleAtLeast(role, needed),
        });
    },
  );

  test("name no procedure that is for everybody", () => {
    expect(Object.values(neededRoles)).not.toContain("auditor");
  });
});
