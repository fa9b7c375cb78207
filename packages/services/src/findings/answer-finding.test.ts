import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listOpenErrors, recordFindings } from "../checks/index.ts";
import { withTransaction } from "../context/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { acknowledgeFinding, listAnswerable, snoozeFinding } from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;

beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  return () => t.close();
});
afterAll(() => shared.close());

const open = (keys: readonly string[]) =>
  withTransaction(t.owner, (tx) => {
    const { organisationId } = t.owner;
    const found = keys.map((key) => ({ key, severity: "error" as const, sentence: "It is wrong." }));
    return recordFindings(
      tx,
      { organisationId, tenantId: t.tenantId, serverId: t.serverId },
      { found, unseen: () => false, at: t.clock.now },
    );
  });
test("a snooze ends when what was snoozed becomes an error", async () => {
  const record = (severity: "warning" | "error", sentence: string) =>
    withTransaction(t.owner, (tx) =>
      recordFindings(
        tx,
        { organisationId: t.owner.organisationId, tenantId: t.tenantId, serverId: t.serverId },
        {
          found: [{ key: "ptr-missing 203.0.113.7", severity, sentence }],
          unseen: () => false,
          at: t.clock.now,
        },
      ),
    );
  await record("warning", "It may go wrong.");
  const { rows } = await t.database.admin.pool.query<{ id: string }>(
    "select id from check_findings where server_id = $1",
    [t.serverId],
  );
  await snoozeFinding(t.owner, { findingId: rows[0]?.id ?? "", hours: 24 });
  await record("warning", "It may still go wrong.");
  await record("error", "It went wrong.");
  expect(await errors()).toMatchObject([{ sentence: "It went wrong.", finding: { snoozedUntil: null } }]);
});

const errors = () => listOpenErrors(t.owner);

test("a finding of whatever kind is answered where Home shows it, and a snooze leaves it off until it ends", async () => {
  await open(["ptr-missing 203.0.113.7"]);
  const findingId = (await errors())[0]?.finding?.id ?? "";
  await acknowledgeFinding(t.owner, { findingId });
  expect(await errors()).toMatchObject([{ finding: { id: findingId, acknowledgedBy: t.owner.actor.name } }]);
  await snoozeFinding(t.owner, { findingId, hours: 1 });
  expect(await errors()).toEqual([]);
  t.clock.now = new Date(t.clock.now.getTime() + 3_600_000);
  expect(await errors()).toHaveLength(1);
});

test("a line that stands for many findings is answered by none of them", async () => {
  await open(["ptr-missing 203.0.113.7", "ptr-missing 203.0.113.8"]);
  expect(await errors()).toMatchObject([{ finding: null }]);
});

test.each([
  ["host", "condition-service-down rspamd.service", "condition"],
  ["check", "record spf txt a.example", "record"],
  ["certificates", "held-certificate-ends a.example on mail1", "certificate"],
  ["keys", "dkim-keys-alarm 1", "keys"],
] as const)(
  "what is kept by %s is answered as all findings are, and silences alerts alike",
  async (by, key, kind) => {
    await withTransaction(t.owner, (tx) =>
      recordFindings(
        tx,
        { organisationId: t.owner.organisationId, tenantId: t.tenantId, serverId: t.serverId },
        {
          found: [{ key, severity: "error", sentence: "It is wrong." }],
          unseen: () => false,
          at: t.clock.now,
          by,
        },
      ),
    );
    const [line] = await listAnswerable(t.owner);
    expect(line).toMatchObject({ kind, serverId: t.serverId, acknowledgedBy: null, snoozedUntil: null });
    const findingId = line?.id ?? "";
    await acknowledgeFinding(t.owner, { findingId });
    await snoozeFinding(t.owner, { findingId, hours: 1 });
    expect(await listAnswerable(t.owner)).toMatchObject([
      {
        acknowledgedBy: t.owner.actor.name,
        snoozedUntil: new Date(t.clock.now.getTime() + 3_600_000),
      },
    ]);
  },
);
