import { auditEntries } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import {
  changePassword,
  contextOfSession,
  createFirstOwner,
  createOwnerLink,
  getSession,
  hashPassword,
  hashToken,
  listSessions,
  revokeSessions,
  signIn,
  signOut,
  verifyPassword,
} from "./index.ts";

let t: ServiceTest;
let email: string;
let people = 0;
const password = "correct horse battery";
const browser = { ipAddress: "192.0.2.7", userAgent: "test browser" };

beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  people += 1;
  email = `owner${people}@msp.example`;
  // A link is only made while nobody is there, so each person gets one of its own past that rule.
  const token = `token-of-${people}`;
  await t.database.admin.pool.query(
    "insert into owner_links (id, token_hash, created_at, expires_at) values (gen_random_uuid(), $1, $2, $3)",
    [hashToken(token), t.clock.now, new Date(t.clock.now.getTime() + 1000)],
  );
  await createFirstOwner(t.anonymous, { token, organisationName: "MSP", name: "Ann", email, password });
});

async function signInRight() {
  const signedIn = await signIn(t.anonymous, { email, password, ...browser });
  if (signedIn === null) throw new Error("the right password was refused");
  return signedIn;
}

test("a hash verifies its own password only and has the form that Dovecot reads", async () => {
  const hash = await hashPassword(password);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await verifyPassword(password, hash)).toBe(true);
  expect(await verifyPassword(`${password} `, hash)).toBe(false);
  expect(await verifyPassword(password, "$argon2i$v=19$m=1,t=1,p=1$aa$aa")).toBe(false);
});

test("no owner link is made once there is an organisation", async () => {
  expect(await createOwnerLink(t.system)).toBeNull();
});

test("an owner link works once", async () => {
  const input = { organisationName: "MSP", name: "Eve", email: "eve@msp.example", password };
  await expect(
    createFirstOwner(t.anonymous, { ...input, token: `token-of-${people}` }),
  ).rejects.toMatchObject({
    kind: "forbidden",
  });
});

test("a password that is too short or the address itself is refused with the field", async () => {
  const input = { token: "x", organisationName: "MSP", name: "Eve", email: "eve-longer@msp.example" };
  for (const wrong of ["short", "eve-longer@msp.example", "aaaaaaaaaaaaaa", "line\nbreak and more"])
    await expect(createFirstOwner(t.anonymous, { ...input, password: wrong })).rejects.toMatchObject({
      kind: "invalid",
      field: "password",
    });
});

test("sign-in folds the address and starts a session that names the person and role", async () => {
  const signedIn = await signIn(t.anonymous, { email: ` ${email.toUpperCase()} `, password, ...browser });
  const session = await getSession(t.anonymous, signedIn?.sessionId ?? "");
  expect(session).toMatchObject({ email, name: "Ann", role: "owner", organisationName: "MSP" });
});

test("a wrong password and an unknown address give the same answer", async () => {
  expect(await signIn(t.anonymous, { email, password: "wrong password", ...browser })).toBeNull();
  expect(await signIn(t.anonymous, { email: "nobody@msp.example", password, ...browser })).toBeNull();
  expect(await signIn(t.anonymous, { email: "' or 1=1 --", password, ...browser })).toBeNull();
});

test("signing out ends one session, revoking ends all", async () => {
  const [first, second, third] = [await signInRight(), await signInRight(), await signInRight()];
  const session = await getSession(t.anonymous, first.sessionId);
  if (session === null) throw new Error("no session");
  const ctx = contextOfSession(t.anonymous, session);
  await signOut(ctx, { sessionId: first.sessionId });
  expect(await getSession(t.anonymous, first.sessionId)).toBeNull();
  expect((await listSessions(ctx)).map((row) => row.id)).toEqual([third.sessionId, second.sessionId]);
  await revokeSessions(ctx);
  expect(await getSession(t.anonymous, second.sessionId)).toBeNull();
  expect(await listSessions(ctx)).toEqual([]);
});

test("a new password ends the other sessions and keeps the one that changed it", async () => {
  const [kept, other] = [await signInRight(), await signInRight()];
  const session = await getSession(t.anonymous, kept.sessionId);
  if (session === null) throw new Error("no session");
  const ctx = contextOfSession(t.anonymous, session);
  const newPassword = "another good password";
  await expect(
    changePassword(ctx, { sessionId: kept.sessionId, currentPassword: "wrong", newPassword }),
  ).rejects.toMatchObject({ kind: "forbidden", field: "currentPassword" });
  await changePassword(ctx, { sessionId: kept.sessionId, currentPassword: password, newPassword });
  expect(await getSession(t.anonymous, kept.sessionId)).not.toBeNull();
  expect(await getSession(t.anonymous, other.sessionId)).toBeNull();
  expect(await signIn(t.anonymous, { email, password: newPassword, ...browser })).not.toBeNull();
});

test("an expired session is over", async () => {
  const { sessionId } = await signInRight();
  const later = { ...t.anonymous, now: () => new Date(t.clock.now.getTime() + 31 * 86_400_000) };
  expect(await getSession(later, sessionId)).toBeNull();
});

test("a person of one tenant cannot act in another", async () => {
  const { sessionId } = await signInRight();
  const session = await getSession(t.anonymous, sessionId);
  if (session === null) throw new Error("no session");
  const limited = { ...session, role: null, tenantRoles: [{ tenantId: t.tenantId, role: "admin" as const }] };
  expect(contextOfSession(t.anonymous, limited).tenantId).toBe(t.tenantId);
  expect(() => contextOfSession(t.anonymous, limited, "0190b0b0-0000-7000-8000-000000000000")).toThrow(
    "You have no role here.",
  );
  expect(() => contextOfSession(t.anonymous, limited, null)).toThrow("You have no role here.");
});

test("sign-ins and failures stand in the audit", async () => {
  const { userId } = await signInRight();
  await signIn(t.anonymous, { email, password: "wrong password", ...browser });
  const entries = await t.database.admin.query
    .select({ action: auditEntries.action })
    .from(auditEntries)
    .where(eq(auditEntries.subjectId, userId))
    .orderBy(auditEntries.id);
  expect(entries.map((entry) => entry.action)).toEqual(["sign-in", "fail-sign-in"]);
});
