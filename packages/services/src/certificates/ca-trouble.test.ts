import { acmeOrders } from "@mailstead/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";
import { listCertificates } from "./index.ts";

const dayMs = 86_400_000;
let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest();
});
afterEach(() => t.close());

test("waits for as long as a CA that is rate limited says, and says so", async () => {
  await t.ask();
  t.ca.failNext("/new-order", {
    status: 429,
    code: "rateLimited",
    detail: "too many certificates",
    retryAfter: "7200",
  });
  const view = await t.runUntil(({ problem }) => problem?.sentence.includes("too many") ?? false);
  expect(view.problem).toMatchObject({
    kind: "temporary",
    sentence: expect.stringContaining("asks us to wait"),
  });
  expect(view.nextAttemptAt.getTime()).toBe(t.clock.now.getTime() + 7_200_000);
  const asked = t.ca.asked.length;
  t.later(7_100_000);
  await t.run();
  expect(t.ca.asked).toHaveLength(asked);
  t.later(200_000);
  await t.issued();
});

test.each([
  ["of a proxy in its place", "/new-order", { status: 503, code: "", detail: "", body: "<html>busy</html>" }],
  ["at the nonce, which has no body", "/new-nonce", { status: 429, code: "", detail: "", body: "" }],
])("heeds the Retry-After %s", async (_where, path, fault) => {
  t.ca.failNext(path, { ...fault, retryAfter: "10800", times: 2 });
  await t.ask();
  const view = await t.runUntil(({ problem }) => problem?.sentence.includes("asked again at") ?? false);
  expect(view.problem?.kind).toBe("temporary");
  expect(view.nextAttemptAt.getTime()).toBeGreaterThanOrEqual(t.clock.now.getTime() + 10_800_000);
  t.ca.faults = [];
  t.later(10_900_000);
  await t.issued();
});

test.each([
  [
    "down",
    { status: 503, code: "", detail: "" },
    /cannot be reached: .*answered with status 503/,
    "temporary",
  ],
  [
    "in trouble",
    { status: 500, code: "serverInternal", detail: "db" },
    /has trouble of its own/,
    "temporary",
  ],
  [
    "without nonces that it takes",
    { status: 400, code: "badNonce", detail: "anti-replay" },
    /wrong clock or a broken cluster/,
    "temporary",
  ],
  [
    "not allowed by CAA",
    { status: 403, code: "caa", detail: "CAA forbids issuance" },
    /a CAA record of the domain names other authorities/,
    "permanent",
  ],
])("says what is wrong with a CA that is %s, and goes on later", async (_how, fault, sentence, kind) => {
  await t.ask();
  t.ca.failNext("/new-order", { ...fault, times: 20 });
  const { problem } = await t.runUntil((view) => sentence.test(view.problem?.sentence ?? ""));
  expect(problem?.kind).toBe(kind);
  t.ca.faults = [];
  t.later(2 * dayMs);
  await t.issued();
});

test("never reaches a host when it is for another key", async () => {
  await t.ask();
  await t.runUntil(() => true);
  t.ca.otherRequest = t.host.requestOf((await t.target()).certificates[0]?.keyId ?? "");
  await t.ask({ domainId: t.domainId });
  const ofDomain = async () => (await listCertificates(t.owner, { domainId: t.domainId }))[0];
  for (let turn = 0; turn < 20 && !(await ofDomain())?.problem?.sentence.includes("another key"); turn += 1) {
    await t.run();
    t.later(16_000);
  }
  const view = await ofDomain();
  expect(view?.notAfter).toBeNull();
  expect(view?.problem?.sentence).toMatch(/gave a certificate that is not installed: it is for another key/);
});

test("survives a worker that dies at each moment between order and chain, with one order", async () => {
  await t.ask();
  await t.runUntil(({ problem }) => problem !== null);
  for (const path of ["/order/", "/authorization/", "/challenge/", "/finalize/", "/chain/"]) {
    t.ca.failNext(path, { status: 500, code: "", detail: "" });
    for (let turn = 0; turn < 5 && t.ca.faults.some(({ times }) => times > 0); turn += 1) {
      await t.dueNow();
      await t.run();
    }
    expect(t.ca.faults.every(({ times }) => times === 0)).toBe(true);
  }
  t.later(dayMs);
  await t.issued();
  expect(t.ca.orders).toHaveLength(1);
  const rows = await t.database.admin.query.select().from(acmeOrders);
  expect(rows.map(({ outcome }) => outcome)).toEqual(["issued"]);
});

test("is asked for anew when the CA has let go of an order that waited for a person", async () => {
  t.provider.answer = "by-hand";
  await t.askForDomain({ challenge: "dns-01", isWildcard: true });
  await t.runUntil((view) => view.toPaste.length > 0);
  t.ca.forgetOrders();
  t.later(8 * dayMs);
  const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("no such order") ?? false);
  expect(problem?.kind).toBe("temporary");
  t.provider.answer = "published";
  t.later(dayMs);
  await t.issued();
  expect(t.ca.orders).toHaveLength(2);
});

test("tells in plain words what the CA found at a name that it refuses", async () => {
  await t.askForDomain();
  t.ca.prove = async () => ({
    code: "unauthorized",
    detail: "Invalid response from http://imap.alpha.example: 404",
  });
  const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("no proof") ?? false);
  expect(problem).toMatchObject({
    kind: "permanent",
    sentence:
      "imap.alpha.example: the certificate authority found no proof that the name is ours. It says: Invalid response from http://imap.alpha.example: 404.",
  });
  const count = t.ca.orders.length;
  t.later(dayMs / 2);
  await t.run();
  expect(t.ca.orders).toHaveLength(count);
});

test.each([
  [
    "/directory",
    "<html>Maintenance</html>",
    /cannot be reached: .* answered what ACME does not know \(status 200\)/,
  ],
  ["/authorization/", '{"status":"odd"}', /cannot be reached: .* answered what ACME does not know/],
  ["/order/", "not json", /cannot be reached: .* answered what ACME does not know/],
  [
    "/chain/",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    /is not installed: it cannot be read/,
  ],
  ["/chain/", "<html>", /is not installed: it holds no certificate/],
])("garbage at %s is said in plain words, reaches no host, and is got over", async (path, body, sentence) => {
  await t.ask();
  t.ca.failNext(path, { status: 200, code: "", detail: "", body, times: 20 });
  const { problem } = await t.runUntil((view) => sentence.test(view.problem?.sentence ?? ""));
  expect(problem?.kind).toBe("temporary");
  expect((await t.target()).certificates[0]?.issued).toBeNull();
  t.ca.faults = [];
  t.later(dayMs);
  await t.issued();
});

test("a location that the CA forgets to name is said, and nothing is kept of the order", async () => {
  await t.ask();
  t.ca.failNext("/new-order", {
    status: 201,
    code: "",
    detail: "",
    body: JSON.stringify({ status: "pending", authorizations: [], finalize: `${t.ca.url}/finalize/0` }),
  });
  await t.runUntil(({ problem }) => problem?.sentence.includes("names no address of the new order") ?? false);
  expect(await t.database.admin.query.select().from(acmeOrders)).toEqual([]);
  t.later(dayMs);
  await t.issued();
});

test.each(["http://192.0.2.7/new-order", "ftp://ca.example/new-order"])(
  "is not led to %s by what a CA answers",
  async (newOrder) => {
    await t.ask();
    const names = { newNonce: `${t.ca.url}/new-nonce`, newAccount: `${t.ca.url}/new-account`, newOrder };
    t.ca.failNext("/directory", { status: 200, code: "", detail: "", body: JSON.stringify(names), times: 9 });
    await t.runUntil(({ problem }) => problem?.sentence.includes(`sends us to ${newOrder}`) ?? false);
    t.ca.faults = [];
    t.later(dayMs);
    await t.issued();
  },
);

test("an order that becomes invalid without a reason is ended, and another one follows later", async () => {
  await t.ask();
  const invalid = { status: "invalid", authorizations: [], finalize: `${t.ca.url}/finalize/0` };
  t.ca.failNext("/order/", { status: 200, code: "", detail: "", body: JSON.stringify(invalid) });
  const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("invalid") ?? false);
  expect(problem).toMatchObject({ kind: "temporary" });
  const ended = await t.database.admin.query.select().from(acmeOrders);
  expect(ended).toMatchObject([{ outcome: "failed", problem: problem?.sentence }]);
  t.later(dayMs);
  await t.issued();
  expect(t.ca.orders).toHaveLength(2);
});

test.each([
  ["behind", -3 * dayMs],
  ["ahead", 100 * dayMs],
])("a clock that is %s of the authority's is named, and nothing is installed", async (_how, skewMs) => {
  await t.ask();
  t.later(skewMs);
  await t.dueNow();
  const { problem } = await t.runUntil(
    (view) => view.problem?.sentence.includes("compare the clocks") ?? false,
  );
  expect(problem?.sentence).toMatch(/is not installed: it is valid from .* and the clock here says/);
  expect((await t.target()).certificates[0]?.issued).toBeNull();
  t.clock.now = new Date();
  await t.dueNow();
  await t.issued();
});
