import { generateKeyPairSync } from "node:crypto";
import { makeAgent } from "@mailstead/db/factories";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerSmarthostChange, setSmarthosts, takeTestedSmarthosts } from "../servers/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import { recordSmarthostFindings } from "./index.ts";

let t: ServerTest;
beforeAll(async () => {
  t = await openServerTest({ hasAgent: false });
  const { organisationId, tenantId, serverId } = t;
  const { x = "" } = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
  const sealingKey = Buffer.from(x, "base64url").toString("base64");
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId, sealingKey });
});
afterAll(() => t.close());

const worker = () => ({ app: t.database.app, installation: t.installation });
const query = async (text: string, values: unknown[] = []) =>
  (await t.database.admin.pool.query(text, values)).rows;
const open = async () => {
  expect(await recordSmarthostFindings(t.system, worker())).toEqual([]);
  return await query("select key, sentence, details from check_findings where closed_at is null");
};

async function hostFinds(retry: "temporary" | "permanent") {
  const result = {
    reached: "tls",
    retry,
    sentence: "smtp.relay.example:587 refuses the sign-in: 535 wrong.",
  };
  await query(
    "update jobs set state = 'succeeded', outcome = $1, ended_at = now() where verb = 'test-smarthost' and ended_at is null",
    [{ kind: "succeeded", result }],
  );
  await takeTestedSmarthosts(t.system, worker());
}

test("a smarthost that waits for a person is a finding until somebody answers, and one that is tried again is none", async () => {
  const { serverId } = t;
  const smarthost = { host: "smtp.relay.example", port: 587, username: "msp", password: "s3cret" };
  await setSmarthosts(t.owner, { serverId, smarthosts: [{ to: "standby", smarthost }] });
  expect(await open()).toEqual([]);
  await hostFinds("temporary");
  expect(await open()).toEqual([]);
  t.clock.now = new Date(t.clock.now.getTime() + 60_000);
  await takeTestedSmarthosts(t.system, worker());
  await hostFinds("permanent");
  const [finding] = await open();
  expect(finding).toMatchObject({
    key: "smarthost-not-used receivers",
    sentence: expect.stringMatching(
      /^What was saved as smarthosts of mail1 for its receivers is not in effect/,
    ),
    details: { evidence: [expect.stringMatching(/535 wrong/), expect.stringMatching(/^saved by /)] },
  });
  const answer = (one: "test-again" | "discard") =>
    answerSmarthostChange(t.owner, { serverId, concerns: "receivers", answer: one });
  await answer("test-again");
  expect(await open()).toHaveLength(1);
  await answer("discard");
  expect(await open()).toEqual([]);
});
