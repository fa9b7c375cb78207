import { createVerify } from "node:crypto";
import { dnsChecks, feedConnections, feedDays, feedDomains } from "@mailstead/db";
import { makeDomain } from "@mailstead/db/factories";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Answer,
  type Asked,
  type FeedWorld,
  oauth,
  openFeedWorld,
  serviceAccount,
  serviceKey,
  storeCheck,
} from "./feed-world.testing.ts";
import { connectFeed, getDomainTold, listFeeds, readFeedNow, runDueFeeds } from "./index.ts";

let world: FeedWorld;
beforeEach(async () => {
  world = await openFeedWorld();
});
afterEach(() => world.close());

const token = { body: { access_token: "ya29.short", expires_in: 3599, token_type: "Bearer" } };
const listed = (state = "VERIFIED") => ({
  body: { domains: [{ name: "domains/alpha.example", permission: "OWNER", verificationState: state }] },
});
const date = { year: 2026, month: 11, day: 18 };
const stats = {
  body: {
    domainStats: [
      { name: "x", metric: "spam", date, value: { doubleValue: 0.0012 } },
      { name: "y", metric: "dkim", date, value: { doubleValue: 0.998 } },
      { name: "z", metric: "loops", date, value: { stringList: { values: ["other", "ms800000000002"] } } },
    ],
  },
};
const compliance = {
  body: { complianceData: { rowData: [{ requirement: "SPF", status: { status: "COMPLIANT" } }] } },
};

function google(
  answers: Partial<Record<"token" | "list" | "stats" | "compliance", (asked: Asked) => Answer>> = {},
) {
  return (asked: Asked): Answer => {
    if (asked.path === "/token") return answers.token?.(asked) ?? token;
    if (asked.path.startsWith("/v2/domains?")) return answers.list?.(asked) ?? listed();
    if (asked.path.endsWith("domainStats:query")) return answers.stats?.(asked) ?? stats;
    if (asked.path.endsWith("complianceStatus")) return answers.compliance?.(asked) ?? compliance;
    return { status: 404, body: { error: { code: 404, message: "nothing here", status: "NOT_FOUND" } } };
  };
}

const connect = (
  credentials: Parameters<typeof connectFeed>[1]["credentials"] = oauth,
  verifiesDomains = false,
) => connectFeed(world.t.owner, { label: "Google", credentials, verifiesDomains });
const run = () => runDueFeeds(world.t.system, world.worker);
async function runWith(answer: (asked: Asked) => Answer) {
  world.providers.answer = answer;
  await connect();
  return run();
}

test.each([
  ["was never checked", null],
  ["shows no DKIM record of ours", { kind: "missing" as const }],
  ["shows one at a name that is not its own", { kind: "ok" as const, recordName: "a._domainkey.b.example" }],
])("a domain that %s is not asked about, though the account knows it", async (_what, check) => {
  const { admin } = world.t.database;
  await admin.query.delete(dnsChecks);
  if (check !== null) await storeCheck(world.t, { id: world.domainId, ...check });
  expect(await runWith(google())).toMatchObject({ read: [{}], problems: [], failed: [] });
  expect(world.providers.asked.map(({ path }) => path)).toEqual(["/token", "/v2/domains?pageSize=200"]);
  expect(await admin.query.select().from(feedDays)).toEqual([]);
  expect(await listFeeds(world.t.owner)).toMatchObject([
    { domains: [{ state: "refused", problem: expect.stringContaining("not proven to be yours") }] },
  ]);
});

test("a consent is refreshed as RFC 6749 says, and what Google tells of a day is kept for its domain", async () => {
  expect(await runWith(google())).toMatchObject({ read: [{}], problems: [], failed: [] });
  const [refresh, list, query, loops] = world.providers.asked;
  expect(Object.fromEntries(new URLSearchParams(refresh?.text))).toEqual({
    grant_type: "refresh_token",
    client_id: oauth.clientId,
    client_secret: oauth.clientSecret,
    refresh_token: oauth.refreshToken,
  });
  expect(list).toMatchObject({ method: "GET", path: "/v2/domains?pageSize=200" });
  expect(list?.headers["authorization"]).toBe("Bearer ya29.short");
  const body = JSON.parse(query?.text ?? "");
  expect(query).toMatchObject({ method: "POST", path: "/v2/domains/alpha.example/domainStats:query" });
  expect(body).toMatchObject({
    timeQuery: {
      dateRanges: {
        dateRanges: [{ start: { year: 2026, month: 10, day: 21 }, end: { year: 2026, month: 11, day: 20 } }],
      },
    },
    aggregationGranularity: "DAILY",
    pageSize: 200,
  });
  expect(body.metricDefinitions).toContainEqual({
    name: "error:reject:ip_in_rbls",
    baseMetric: { standardMetric: "DELIVERY_ERROR_RATE" },
    filter: 'error_type="reject" AND error_reason="ip_in_rbls"',
  });
  // Ours are asked for first, since by them complaints join to a customer.
  expect(
    JSON.parse(loops?.text ?? "").metricDefinitions.map(({ filter }: { filter: string }) => filter),
  ).toEqual(['feedback_loop_id="ms800000000002"', 'feedback_loop_id="other"']);
  expect((await getDomainTold(world.t.owner, { domainId: world.domainId })).subjects).toMatchObject([
    {
      title: "Google Postmaster Tools",
      subject: "alpha.example",
      days: [{ day: "2026-11-18", complaints: { lower: 0.0012, upper: 0.0012 }, figures: { dkim: 0.998 } }],
      standing: { kind: "fresh", ageDays: 2 },
      compliance: [{ requirement: "SPF", isMet: true }],
      problem: null,
    },
  ]);
  // The next look goes back only as far as Google corrects days.
  await readFeedNow(world.t.owner, { connectionId: (await listFeeds(world.t.owner))[0]?.id ?? "" });
  world.providers.asked.length = 0;
  await run();
  expect(JSON.parse(world.providers.asked[2]?.text ?? "").timeQuery.dateRanges.dateRanges[0].start.day).toBe(
    15,
  );
  expect(await world.t.database.admin.query.select().from(feedDays)).toHaveLength(1);
});

test("a service account signs an assertion of an hour (RFC 7523), with the key's name", async () => {
  world.providers.answer = google();
  await connect(serviceAccount);
  expect((await run()).problems).toEqual([]);
  const form = new URLSearchParams(world.providers.asked[0]?.text);
  expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
  const [head = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".");
  const parsed = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  expect(parsed(head)).toEqual({ alg: "RS256", typ: "JWT", kid: "kid1" });
  const iat = world.t.clock.now.getTime() / 1000;
  expect(parsed(claims)).toEqual({
    iss: "feeds@p.iam.gserviceaccount.com",
    scope: "https://www.googleapis.com/auth/postmaster",
    aud: world.worker.net.googleTokenUrl,
    iat,
    exp: iat + 3600,
  });
  const verify = createVerify("RSA-SHA256").update(`${head}.${claims}`);
  expect(verify.verify(serviceKey.publicKey, signature, "base64url")).toBe(true);
});

test("pages are read to their end, each by the token of the one before", async () => {
  const result = await runWith(
    google({
      list: ({ path }) =>
        path.includes("pageToken=p2")
          ? listed()
          : { body: { domains: [{ name: "domains/other.example" }], nextPageToken: "p2" } },
      stats: ({ text }) =>
        JSON.parse(text).pageToken === "s2"
          ? {
              body: {
                domainStats: [{ metric: "spam", date: { ...date, day: 19 }, value: { doubleValue: 0 } }],
              },
            }
          : { body: { ...stats.body, nextPageToken: "s2" } },
    }),
  );
  expect(result.problems).toEqual([]);
  const days = await world.t.database.admin.query.select().from(feedDays);
  expect(days.map(({ day }) => day).sort()).toEqual(["2026-11-18", "2026-11-19"]);
});

test.each([
  [
    "an expired grant",
    {
      status: 400,
      body: { error: "invalid_grant", error_description: "Token has been expired or revoked." },
    },
    "permanent",
    /consent \(Token has been expired or revoked\.\).*connect again/,
  ],
  [
    "a wrong secret",
    { status: 401, body: { error: "invalid_client", error_description: `no ${oauth.clientSecret}` } },
    "permanent",
    /\(no …\)/,
  ],
  [
    "a page of a proxy",
    { status: 200, body: "<html>hello</html>" },
    "temporary",
    /something else than a token/,
  ],
] as const)("%s is %s with what to do", async (_what, answer, kind, sentence) => {
  const { problems } = await runWith(google({ token: () => answer }));
  expect(problems).toMatchObject([{ kind, sentence: expect.stringMatching(sentence) }]);
  expect(JSON.stringify(await listFeeds(world.t.owner))).not.toContain("nobody-sees");
});

test("a clock that is wrong is told from a key that is", async () => {
  const refused = (at: string) => (): Answer => ({
    status: 400,
    headers: { date: at },
    body: { error: "invalid_grant", error_description: "Invalid JWT: Token must be a short-lived token" },
  });
  world.providers.answer = google({ token: refused("Fri, 20 Nov 2026 11:40:00 GMT") });
  await connect(serviceAccount);
  expect((await run()).problems).toMatchObject([
    { kind: "temporary", sentence: expect.stringContaining("20 minutes fast") },
  ]);
  world.providers.answer = google({ token: refused("Fri, 20 Nov 2026 12:00:01 GMT") });
  await readFeedNow(world.t.owner, { connectionId: (await listFeeds(world.t.owner))[0]?.id ?? "" });
  expect((await run()).problems).toMatchObject([
    { kind: "permanent", sentence: expect.stringContaining("service account's key") },
  ]);
});

test("an answer that asks to slow down is waited for, and the next look comes no sooner than it says", async () => {
  const busy = { status: 429, body: { error: { message: "Quota exceeded", status: "RESOURCE_EXHAUSTED" } } };
  let left = 2;
  expect((await runWith(google({ stats: () => (left-- > 0 ? busy : stats) }))).problems).toEqual([]);
  expect(world.waits).toEqual([1000, 2000]);
  world.providers.answer = google({ stats: () => ({ ...busy, headers: { "retry-after": "7200" } }) });
  const [{ id: connectionId = "" } = {}] = await listFeeds(world.t.owner);
  await readFeedNow(world.t.owner, { connectionId });
  expect((await run()).problems).toMatchObject([
    { kind: "temporary", sentence: expect.stringContaining("slow down") },
  ]);
  const [feed] = await world.t.database.admin.query.select().from(feedConnections);
  expect(feed?.nextLookAt?.getTime()).toBe(world.t.clock.now.getTime() + 7_200_000);
  // Until then nobody is asked.
  world.providers.asked.length = 0;
  await run();
  expect(world.providers.asked).toEqual([]);
});

test.each([
  ["is cut off", { isCut: true, body: '{"domainStats": [' }, /broke off in the middle|cannot be reached/],
  ["is no JSON", { body: '{"domainStats": [' }, /something else than its interface promises/],
  ["fails", { status: 503, body: {} }, /failed \(503\)/],
] as const)("an answer that %s leaves what was known and is tried again", async (_what, answer, sentence) => {
  const { problems } = await runWith(google({ stats: () => answer }));
  expect(problems).toMatchObject([{ kind: "temporary", sentence: expect.stringMatching(sentence) }]);
  const [feed] = await world.t.database.admin.query.select().from(feedConnections);
  expect(feed).toMatchObject({ state: "failing", failures: 1, problemKind: "temporary" });
});

test("a domain that may not be read is said so, and a day without data is none", async () => {
  const denied = {
    status: 403,
    body: {
      error: { code: 403, message: "The caller does not have permission", status: "PERMISSION_DENIED" },
    },
  };
  expect((await runWith(google({ stats: () => denied }))).problems).toEqual([]);
  const [domain] = await world.t.database.admin.query.select().from(feedDomains);
  expect(domain).toMatchObject({
    state: "refused",
    problem: expect.stringContaining("does not let this account read it"),
  });
  world.providers.answer = google({ stats: () => ({ body: {} }) });
  await readFeedNow(world.t.owner, { connectionId: (await listFeeds(world.t.owner))[0]?.id ?? "" });
  expect((await run()).problems).toEqual([]);
  expect(await world.t.database.admin.query.select().from(feedDays)).toEqual([]);
});

test("a domain that Google fails on keeps none of the others from being read, and is told", async () => {
  const { t } = world;
  for (const name of ["beta.example", "gamma.example"]) {
    const scope = { organisationId: t.organisationId, tenantId: t.tenantId };
    const { id } = await makeDomain(t.database.admin, { ...scope, name, serverId: world.serverId });
    await storeCheck(t, { id, kind: "ok", recordName: `ms202611a._domainkey.${name}` });
  }
  const names = ["alpha", "beta", "gamma"].map((name) => ({
    name: `domains/${name}.example`,
    verificationState: "VERIFIED",
  }));
  const answers = google({
    list: () => ({ body: { domains: names } }),
    stats: ({ path }) =>
      path.includes("alpha.example") ? { status: 500, body: { error: { message: "Internal" } } } : stats,
  });
  const ran = await runWith(answers);
  expect(ran.problems).toMatchObject([
    { kind: "temporary", sentence: expect.stringMatching(/^alpha\.example: Google failed/) },
  ]);
  const days = await t.database.admin.query.select().from(feedDays);
  expect(days.map(({ subject }) => subject).toSorted()).toEqual(["beta.example", "gamma.example"]);
});

test("what Google told of a domain stays of when it told it, while it fails on the domain", async () => {
  const { t } = world;
  await runWith(google());
  const told = t.clock.now;
  t.clock.now = new Date(told.getTime() + 86_400_000);
  world.providers.answer = google({ stats: () => ({ status: 500 }) });
  expect((await run()).problems).toHaveLength(1);
  expect(await t.database.admin.query.select().from(feedDomains)).toMatchObject([
    {
      state: "verified",
      lookedAt: told,
      compliance: [{}],
      problem: expect.stringContaining("Google failed"),
    },
  ]);
  t.clock.now = new Date(told.getTime() + 2 * 86_400_000);
  world.providers.answer = google();
  await run();
  expect(await t.database.admin.query.select().from(feedDomains)).toMatchObject([
    { lookedAt: t.clock.now, problem: null },
  ]);
});

test("Google that fails on one domain after the other is asked no more", async () => {
  const { t } = world;
  for (const number of [1, 2, 3, 4, 5]) {
    const [scope, name] = [{ organisationId: t.organisationId, tenantId: t.tenantId }, `d${number}.example`];
    const { id } = await makeDomain(t.database.admin, { ...scope, name, serverId: world.serverId });
    await storeCheck(t, { id, kind: "ok", recordName: `ms202611a._domainkey.${name}` });
  }
  const domains = ["alpha", "d1", "d2", "d3", "d4", "d5"].map((name) => ({
    name: `domains/${name}.example`,
    verificationState: "VERIFIED",
  }));
  await runWith(google({ list: () => ({ body: { domains } }), stats: () => ({ status: 503 }) }));
  const asked = () =>
    new Set(
      world.providers.asked.map(({ path }) => path).filter((path) => path.endsWith("domainStats:query")),
    );
  expect(asked().size).toBe(3);
  // Those come first that had no turn yet.
  t.clock.now = new Date(t.clock.now.getTime() + 86_400_000);
  await run();
  expect(asked().size).toBe(6);
});

test("a domain is added and proven by our own record; pasted by a person where no DNS is connected", async () => {
  let isSeen = false;
  const proving = (asked: Asked): Answer => {
    if (asked.path.startsWith("/v2/domains?")) return { body: {} };
    if (asked.path === "/v2/domains")
      return { status: 409, body: { error: { message: "exists", status: "ALREADY_EXISTS" } } };
    if (asked.path.includes("verificationToken")) return { body: { token: "google-site-verification=abc" } };
    if (asked.path.endsWith(":verify"))
      return isSeen
        ? { body: {} }
        : { status: 400, body: { error: { message: "not found", status: "FAILED_PRECONDITION" } } };
    return google()(asked);
  };
  world.providers.answer = proving;
  await connect(oauth, true);
  await run();
  const [feed] = await listFeeds(world.t.owner);
  expect(feed?.domains).toMatchObject([
    { name: "alpha.example", state: "to-paste", toPaste: "google-site-verification=abc" },
  ]);
  expect(world.providers.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /token",
    "GET /v2/domains?pageSize=200",
    "POST /v2/domains",
    "GET /v2/domains/alpha.example/verificationToken?verificationMethod=TXT",
    "POST /v2/domains/alpha.example:verify",
  ]);
  expect(JSON.parse(world.providers.asked[2]?.text ?? "")).toEqual({ domainId: "alpha.example" });
  world.outcome = { kind: "published", changes: 1 };
  isSeen = true;
  await readFeedNow(world.t.owner, { connectionId: feed?.id ?? "" });
  await run();
  expect(world.published[1]?.put).toMatchObject([
    { type: "TXT", name: "alpha.example", value: "google-site-verification=abc" },
  ]);
  expect((await listFeeds(world.t.owner))[0]?.domains).toMatchObject([{ state: "verified", toPaste: null }]);
  expect(await world.t.database.admin.query.select().from(feedDays)).toHaveLength(1);
});
