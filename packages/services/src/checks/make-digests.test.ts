import { memberships, outgoingMails, users } from "@mailstead/db";
import { makeTenant, makeUser } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, beforeEach, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { addDomain } from "../domains/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import type { OutgoingMail, SendOutcome } from "./index.ts";
import {
  changeDigestWish,
  getDigestWish,
  listFindingChanges,
  makeDigests,
  recordFindings,
  sendWaitingMails,
} from "./index.ts";

const t = await openServerTest();
afterAll(() => t.close());

const { organisationId, tenantId, serverId } = t;
const { domainId } = await addDomain(t.owner, { tenantId, serverId, name: "a.example" });
const finding = (key: string) => ({ key, severity: "warning" as const, sentence: `${key} is wrong.` });
const sees = { unseen: () => false };
const hourMs = 3_600_000;

const see = (...keys: string[]) =>
  withTransaction(t.owner, (tx) =>
    recordFindings(
      tx,
      { organisationId, tenantId, domainId },
      { found: keys.map(finding), ...sees, at: t.clock.now },
    ),
  );
const later = (hours: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + hours * hourMs);
};
const make = () => makeDigests(t.system, { app: t.database.app, installation: t.installation });

/** Sends all that waits to a mail server that answers so. */
async function send(outcome: SendOutcome = { kind: "sent" }): Promise<OutgoingMail[]> {
  const sent: OutgoingMail[] = [];
  await sendWaitingMails(t.system, async (mail) => {
    sent.push(mail);
    return outcome;
  });
  return sent;
}

beforeEach(async () => {
  await see();
  later(24);
  await make();
  await t.database.admin.query.delete(outgoingMails);
});

test("a person who looks after domains is told once a day what changed, and nothing when nothing did", async () => {
  await see("lame");
  expect(await make()).toBe(0);
  later(24);
  expect(await make()).toBe(1);
  expect(await make()).toBe(0);
  expect(await send()).toMatchObject([
    {
      subject: "Checks of your domains and servers: 1 new",
      body: expect.stringContaining("- Warning: lame is wrong. [a.example ("),
    },
  ]);
  expect(await send()).toEqual([]);
  later(24);
  await see("lame");
  expect(await make()).toBe(0);
  await see();
  later(24);
  await make();
  expect(await send()).toMatchObject([{ subject: "Checks of your domains and servers: 1 settled" }]);
});

test("what came and went between two mails is no news", async () => {
  await see("flapping");
  later(1);
  await see();
  later(24);
  expect(await make()).toBe(0);
});

test("words that changed, such as a count of days, are no news", async () => {
  await see("old");
  later(24);
  await make();
  await withTransaction(t.owner, (tx) =>
    recordFindings(
      tx,
      { organisationId, tenantId, domainId },
      { found: [{ ...finding("old"), sentence: "old is wrong for 2 days." }], ...sees, at: t.clock.now },
    ),
  );
  later(24);
  expect(await make()).toBe(0);
});

test("what got worse is told again, and what got better or stayed is not", async () => {
  const seeAs = (severity: "error" | "warning") =>
    withTransaction(t.owner, (tx) =>
      recordFindings(
        tx,
        { organisationId, tenantId, domainId },
        { found: [{ ...finding("mx"), severity }], ...sees, at: t.clock.now },
      ),
    );
  await seeAs("warning");
  later(24);
  await make();
  await send();
  await seeAs("error");
  later(24);
  expect(await make()).toBe(1);
  expect(await send()).toMatchObject([{ body: expect.stringContaining("- Error: mx is wrong.") }]);
  await seeAs("error");
  later(24);
  expect(await make()).toBe(0);
  await seeAs("warning");
  later(24);
  expect(await make()).toBe(0);
  await seeAs("error");
  await see();
  later(24);
  await make();
  expect(await send()).toMatchObject([{ subject: "Checks of your domains and servers: 1 settled" }]);
});

test("several workers make each mail once, and send it once", async () => {
  await see("lame");
  later(24);
  const made = await Promise.all([make(), make(), make()]);
  expect(made.reduce((one, other) => one + other, 0)).toBe(1);
  const sent = await Promise.all([send(), send(), send()]);
  expect(sent.flat()).toHaveLength(1);
});

test("a mail that a server does not take now waits, and one that it never takes is given up with its words", async () => {
  await see("lame");
  later(24);
  await make();
  const busy = { kind: "temporary", problem: "451 4.3.0 try later" } as const;
  expect(await send(busy)).toHaveLength(1);
  expect(await send()).toHaveLength(0);
  later(1);
  expect(await send({ kind: "permanent", problem: "550 5.1.1 unknown" })).toHaveLength(1);
  later(48);
  expect(await send()).toHaveLength(0);
  const rows = await t.database.admin.query.select().from(outgoingMails);
  expect(rows).toMatchObject([{ problem: "550 5.1.1 unknown", failedAt: expect.any(Date), attempts: 2 }]);
});

test("a worker that died while it sent leaves its mail to the next", async () => {
  await see("lame");
  later(24);
  await make();
  await expect(
    sendWaitingMails(t.system, async () => {
      throw new Error("killed");
    }),
  ).rejects.toThrow("killed");
  expect(await send()).toHaveLength(0);
  later(1);
  expect(await send()).toHaveLength(1);
});

test("who wants no mail gets none, and Home tells the changes all the same", async () => {
  expect(await getDigestWish(t.owner)).toEqual({ isWanted: true, canSend: false });
  await changeDigestWish(t.owner, { isWanted: false });
  await see("lame");
  later(20);
  expect(await make()).toBe(0);
  expect(await listFindingChanges(t.owner)).toMatchObject([
    { what: "opened", sentence: "lame is wrong.", subject: { kind: "domain", name: "a.example" } },
  ]);
  await changeDigestWish(t.owner, { isWanted: true });
});

test("a person of one customer is told of that customer alone, and an auditor of nothing", async () => {
  const { admin } = t.database;
  const other = await makeTenant(admin, { organisationId });
  const technician = await makeUser(admin, { organisationId });
  const auditor = await makeUser(admin, { organisationId });
  await admin.query
    .update(memberships)
    .set({ tenantId: other.id, role: "technician" })
    .where(eq(memberships.userId, technician.id));
  await admin.query.update(memberships).set({ role: "auditor" }).where(eq(memberships.userId, auditor.id));
  await see("lame");
  later(24);
  await make();
  const [owner] = await admin.query.select().from(users).where(eq(users.id, t.userId));
  expect((await send()).map(({ recipient }) => recipient)).toEqual([owner?.email]);
});
