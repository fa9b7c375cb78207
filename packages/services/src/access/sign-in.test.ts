import { performance } from "node:perf_hooks";
import { makeUser } from "@mailstead/db/factories";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { hashPassword, signIn } from "./index.ts";

let t: ServiceTest;
let email: string;
let people = 0;
const password = "correct horse battery";
const [office, home] = ["192.0.2.7", "2001:db8::7"];

beforeAll(async () => {
  t = await openServiceTest();
});
afterAll(() => t.close());
beforeEach(async () => {
  people += 1;
  email = `signer${people}@msp.example`;
  await t.database.admin.pool.query("delete from sign_in_attempts");
  const { id } = await makeUser(t.database.admin, { organisationId: t.organisationId });
  await t.database.admin.query.execute(
    sql`update users set email = ${email}, password_hash = ${await hashPassword(password)} where id = ${id}`,
  );
});

interface Try {
  from: string;
  account?: string;
  word?: string;
  /** How much later than now. */
  afterMs?: number;
}

function attempt({ from, account = email, word = password, afterMs = 0 }: Try) {
  const now = new Date(t.clock.now.getTime() + afterMs);
  return signIn(
    { ...t.anonymous, now: () => now },
    { email: account, password: word, ipAddress: from, userAgent: "test browser" },
  );
}

async function fail(times: number, tried: Omit<Try, "word">): Promise<void> {
  for (let count = 0; count < times; count++)
    expect(await attempt({ ...tried, word: "wrong password" })).toBeNull();
}

/** As if so many others had failed too, each from a network of its own. */
async function failElsewhere(times: number): Promise<void> {
  await t.database.admin.query.execute(sql`insert into sign_in_attempts (subject, network, attempted_at, outcome)
    select encode(sha256(convert_to(${`email\n${email}`}, 'utf8')), 'hex'), 'elsewhere ' || n, ${t.clock.now}, 'failed'
    from generate_series(1, ${times}::integer) n`);
}

test("who guesses locks out their own network and nobody else", async () => {
  await fail(10, { from: "203.0.113.66" });
  const refused = { kind: "limit-reached", message: "Too many failed sign-ins. Try again in 5 seconds." };
  await expect(attempt({ from: "203.0.113.66" })).rejects.toMatchObject({ ...refused, retryAfterMs: 5000 });
  // The next address of the same network is the same guesser.
  await expect(attempt({ from: "203.0.113.99" })).rejects.toMatchObject(refused);
  expect(await attempt({ from: office })).not.toBeNull();
  expect(await attempt({ from: home })).not.toBeNull();
});

test("delays grow, say when to come back, and end", async () => {
  await fail(10, { from: office });
  await fail(1, { from: office, afterMs: 5_000 });
  await fail(1, { from: office, afterMs: 15_000 });
  await expect(attempt({ from: office, afterMs: 15_000 })).rejects.toThrow("Try again in 20 seconds.");
  await fail(1, { from: office, afterMs: 35_000 });
  await fail(1, { from: office, afterMs: 75_000 });
  await fail(1, { from: office, afterMs: 155_000 });
  await expect(attempt({ from: office, afterMs: 156_000 })).rejects.toThrow("Try again in 3 minutes.");
  expect(await attempt({ from: office, afterMs: 400_000 })).not.toBeNull();
  expect(await attempt({ from: office, afterMs: 400_001 })).not.toBeNull();
});

test("failures of the whole world keep out neither who signed in from there before nor who hardly failed", async () => {
  expect(await attempt({ from: office })).not.toBeNull();
  await failElsewhere(5_000);
  await fail(9, { from: office });
  expect(await attempt({ from: office })).not.toBeNull();
  await fail(2, { from: home });
  expect(await attempt({ from: home })).not.toBeNull();
});

test("a stranger may try less often while many guess", async () => {
  await failElsewhere(50);
  await fail(3, { from: home });
  await expect(attempt({ from: home })).rejects.toMatchObject({ kind: "limit-reached" });
});

test("a network that tries one address after the other is slowed for all of them", async () => {
  for (let count = 0; count < 100; count++) await fail(1, { from: office, account: `a${count}@x.example` });
  await expect(attempt({ from: office })).rejects.toMatchObject({ kind: "limit-reached" });
  expect(await attempt({ from: home })).not.toBeNull();
});

test("of a burst only as many are tried as one after the other would be", async () => {
  const burst = Array.from({ length: 40 }, () => attempt({ from: office, word: "wrong password" }));
  const results = await Promise.allSettled(burst);
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(10);
});

test("what has left the memory is dropped, whoever tried", async () => {
  await fail(1, { from: office, account: "stranger@x.example" });
  await attempt({ from: office });
  await attempt({ from: office, afterMs: 2 * 3_600_000 });
  const { rows } = await t.database.admin.pool.query("select outcome from sign_in_attempts");
  expect(rows).toEqual([{ outcome: "succeeded" }]);
});

test("an unknown address takes as long as a wrong password", async () => {
  const accounts = [email, "nobody@msp.example", "' or 1=1 --"];
  const fastestMs = accounts.map(() => Number.POSITIVE_INFINITY);
  const likeness = () => Math.min(...fastestMs) / Math.max(...fastestMs);
  // Without the work of hashing, the answer would come several times sooner. A busy machine needs more tries to show
  // for each how fast it can be, and however many show no work that is not done.
  for (let round = 0; round < 15 || (round < 200 && likeness() <= 0.7); round++) {
    await t.database.admin.pool.query("delete from sign_in_attempts");
    for (const [index, account] of accounts.entries()) {
      const startedAt = performance.now();
      await fail(1, { from: `198.51.${round}.${index}`, account });
      fastestMs[index] = Math.min(fastestMs[index] ?? 0, performance.now() - startedAt);
    }
  }
  expect(likeness()).toBeGreaterThan(0.7);
});
