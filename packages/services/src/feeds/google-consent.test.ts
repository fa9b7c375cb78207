import { createHash } from "node:crypto";
import { feedConnections, googleConsents } from "@mailstead/db";
import { makeUser } from "@mailstead/db/factories";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answer, type Asked, type FeedWorld, oauth, openFeedWorld } from "./feed-world.testing.ts";
import {
  beginGoogleConsent,
  changeGoogleApp,
  connectFeed,
  getGoogleApp,
  listFeeds,
  readFeedNow,
  runDueFeeds,
  takeGoogleConsent,
  tradeGoogleCodes,
} from "./index.ts";

const { clientId, clientSecret } = oauth;
const redirectUri = "https://control.example/settings/google";
const scope =
  "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/postmaster";
let world: FeedWorld;
let google: TestGoogle;
beforeEach(async () => {
  world = await openFeedWorld();
  google = new TestGoogle();
  world.providers.answer = (asked) => google.answer(asked);
  await changeGoogleApp(world.t.owner, { clientId, clientSecret });
});
afterEach(() => world.close());

/** Google's authorization and token endpoints as its documentation says, with one person who consents. */
class TestGoogle {
  email = "postmaster@agency.example";
  scope = scope;
  refreshToken: string | undefined = "1//fresh";
  /** What the person's page ends with in place of a consent. */
  error: string | undefined;
  /** What the token endpoint answers once, before all else. */
  tokenAnswers: Answer[] = [];
  traded = 0;
  readonly #codes = new Map<string, { challenge: string; redirectUri: string }>();

  answer(asked: Asked): Answer {
    if (asked.path.startsWith("/o/oauth2/v2/auth?")) return this.#authorize(asked);
    if (asked.path === "/token") return this.#token(new URLSearchParams(asked.text));
    if (asked.path.startsWith("/v2/domains")) return { body: { domains: [] } };
    return { status: 404, body: {} };
  }

  #authorize({ path }: Asked): Answer {
    const asked = new URL(path, "http://google.test").searchParams;
    const back = new URL(asked.get("redirect_uri") ?? "");
    const isRight =
      asked.get("client_id") === clientId &&
      back.href === redirectUri &&
      asked.get("response_type") === "code" &&
      asked.get("code_challenge_method") === "S256" &&
      asked.get("access_type") === "offline" &&
      asked.get("prompt") === "consent" &&
      asked.get("scope") === "openid email https://www.googleapis.com/auth/postmaster";
    if (!isRight) return { status: 400, body: "Error 400: invalid_request" };
    back.searchParams.set("state", asked.get("state") ?? "");
    if (this.error === undefined) {
      const code = `4/code-${this.#codes.size}`;
      this.#codes.set(code, {
        challenge: asked.get("code_challenge") ?? "",
        redirectUri: back.origin + back.pathname,
      });
      back.searchParams.set("code", code);
      back.searchParams.set("scope", this.scope);
    } else back.searchParams.set("error", this.error);
    return { status: 302, headers: { location: back.href } };
  }

  #token(form: URLSearchParams): Answer {
    const first = this.tokenAnswers.shift();
    if (first !== undefined) return first;
    if (form.get("client_id") !== clientId || form.get("client_secret") !== clientSecret)
      return { status: 401, body: { error: "invalid_client", error_description: "Unauthorized" } };
    if (form.get("grant_type") === "refresh_token")
      return { body: { access_token: "ya29.short", expires_in: 3599, token_type: "Bearer" } };
    const kept = this.#codes.get(form.get("code") ?? "");
    this.#codes.delete(form.get("code") ?? "");
    if (kept === undefined)
      return { status: 400, body: { error: "invalid_grant", error_description: "Bad Request" } };
    if (kept.redirectUri !== form.get("redirect_uri"))
      return { status: 400, body: { error: "redirect_uri_mismatch", error_description: "Bad Request" } };
    const proof = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (proof !== kept.challenge)
      return { status: 400, body: { error: "invalid_grant", error_description: "Invalid code verifier." } };
    this.traded += 1;
    const claims = {
      iss: "https://accounts.google.com",
      aud: clientId,
      email: this.email,
      email_verified: true,
    };
    return {
      body: {
        access_token: "ya29.first",
        expires_in: 3599,
        token_type: "Bearer",
        scope: this.scope,
        id_token: `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`,
        ...(this.refreshToken === undefined ? {} : { refresh_token: this.refreshToken }),
      },
    };
  }
}

type Begin = Parameters<typeof beginGoogleConsent>[1];
const wish: Begin = { kind: "connect", label: "Google", verifiesDomains: false };

/** The person's browser: goes where the dashboard says, and comes back with what Google gives it. */
async function consentAtGoogle(begin: Begin = wish, ctx = world.t.owner) {
  const { url } = await beginGoogleConsent(ctx, begin);
  const page = new URL(url);
  expect(page.origin).toBe("https://accounts.google.com");
  const answer = await fetch(`${world.providers.url}${page.pathname}${page.search}`, { redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "http://no-redirect.test/");
  expect(back.origin + back.pathname).toBe(redirectUri);
  return Object.fromEntries(
    ["state", "code", "error"].flatMap((name) => {
      const value = back.searchParams.get(name);
      return value === null ? [] : [[name, value]];
    }),
  ) as { state: string; code?: string; error?: string };
}

const take = async (begin?: Begin) => takeGoogleConsent(world.t.owner, await consentAtGoogle(begin));
const trade = () => tradeGoogleCodes(world.t.system, world.worker);
const onlyFeed = async () => (await listFeeds(world.t.owner))[0];
const sentence = (work: Promise<unknown>) =>
  work.then(
    () => "no error",
    (error: Error) => error.message,
  );

test("a consent at Google becomes a feed that is read, and what is secret stands nowhere as text", async () => {
  const { connectionId } = await take();
  expect(await onlyFeed()).toMatchObject({ id: connectionId, label: "Google", state: "testing" });
  expect(await trade()).toEqual([]);
  expect(await runDueFeeds(world.t.system, world.worker)).toMatchObject({
    read: [{ connectionId }],
    problems: [],
  });
  expect(await onlyFeed()).toMatchObject({
    state: "working",
    problem: null,
    account: "postmaster@agency.example",
  });
  const refresh = world.providers.asked.find(({ text }) => text.includes("grant_type=refresh_token"));
  expect(new URLSearchParams(refresh?.text).get("refresh_token")).toBe("1//fresh");
  expect(await world.t.database.admin.query.select().from(googleConsents)).toEqual([]);
  const kept = JSON.stringify(await world.t.database.admin.query.select().from(feedConnections));
  for (const secret of ["1//fresh", clientSecret, "4/code"]) expect(kept).not.toContain(secret);
});

test("between the button and the tokens nothing that opens the account stands anywhere as text", async () => {
  const back = await consentAtGoogle();
  await takeGoogleConsent(world.t.owner, back);
  const rows = JSON.stringify(await world.t.database.admin.query.select().from(googleConsents));
  for (const secret of [back.state, back.code ?? "", clientSecret]) expect(rows).not.toContain(secret);
  expect(rows).toContain("codeBox");
});

describe("what comes back from Google is taken once, in time, and from who began it", () => {
  test.each([
    ["access_denied", /was refused on Google's page, so nothing was connected/],
    ["admin_policy_enforced", /does not let its people consent to this app/],
    ["<script>x", /Google ended the consent for Google \(scriptx\)/],
  ])("%s is told in a sentence, and makes no feed", async (error, words) => {
    google.error = error;
    const back = await consentAtGoogle();
    expect(await sentence(takeGoogleConsent(world.t.owner, back))).toMatch(words);
    expect(await listFeeds(world.t.owner)).toEqual([]);
    // It is over with the first answer.
    expect(await sentence(takeGoogleConsent(world.t.owner, { state: back.state, code: "4/x" }))).toMatch(
      /belongs to nothing that you began here/,
    );
  });

  test("late, twice, by another person, by another organisation, or made up", async () => {
    const back = await consentAtGoogle();
    const other = await makeUser(world.t.database.admin, { organisationId: world.t.organisationId });
    const colleague = {
      ...world.t.owner,
      actor: { kind: "user", userId: other.id, name: "Ola", role: "owner" },
    } as const;
    for (const ctx of [colleague, await world.t.makeStranger()])
      expect(await sentence(takeGoogleConsent(ctx, back))).toMatch(/belongs to nothing that you began here/);
    expect(await sentence(takeGoogleConsent(world.t.owner, { ...back, state: "made-up" }))).toMatch(
      /belongs to nothing/,
    );
    const { clock } = world.t;
    const began = clock.now;
    clock.now = new Date(began.getTime() + 15 * 60_000);
    expect(await sentence(takeGoogleConsent(world.t.owner, back))).toMatch(
      /took longer than a quarter of an hour/,
    );
    clock.now = began;
    const again = await consentAtGoogle();
    await takeGoogleConsent(world.t.owner, again);
    expect(await sentence(takeGoogleConsent(world.t.owner, again))).toMatch(/was used before/);
    expect(await listFeeds(world.t.owner)).toHaveLength(1);
  });

  test("a technician may not", async () => {
    const ctx = world.t.as("technician");
    expect(await sentence(beginGoogleConsent(ctx, wish))).toMatch(/needs the role admin/);
    expect(await sentence(takeGoogleConsent(ctx, { state: "x", code: "y" }))).toMatch(/needs the role admin/);
  });
});

describe("what the trade of a code comes to is said with the feed", () => {
  test.each<[string, () => void, RegExp]>([
    [
      "a code that is too old",
      () =>
        google.tokenAnswers.push({
          status: 400,
          body: { error: "invalid_grant", error_description: "Bad Request" },
        }),
      /code of this consent any more \(Bad Request\)/,
    ],
    [
      "a wrong secret",
      () => google.tokenAnswers.push({ status: 401, body: { error: "invalid_client" } }),
      /client id with this secret/,
    ],
    [
      "an address that the app does not name",
      () => google.tokenAnswers.push({ status: 400, body: { error: "redirect_uri_mismatch" } }),
      /does not name this dashboard's redirect address/,
    ],
    [
      "no refresh token",
      () => {
        google.refreshToken = undefined;
      },
      /gave no refresh token.*myaccount\.google\.com/,
    ],
    [
      "a box that was not ticked",
      () => {
        google.scope = "openid https://www.googleapis.com/auth/userinfo.email";
      },
      /leaves out Postmaster Tools/,
    ],
  ])("%s", async (_what, prepare, words) => {
    prepare();
    await take();
    await trade();
    expect(await onlyFeed()).toMatchObject({ state: "failing", problem: expect.stringMatching(words) });
    // Nothing can be read before somebody connects it again.
    const connectionId = (await onlyFeed())?.id ?? "";
    expect(await sentence(readFeedNow(world.t.owner, { connectionId }))).toMatch(/no credentials yet/);
  });

  test("Google is away: it is tried again while the consent lasts, and then told", async () => {
    const away = { status: 503, body: "" };
    google.tokenAnswers.push(away, away, away);
    await take();
    await trade();
    expect(await onlyFeed()).toMatchObject({ state: "testing", problem: null });
    google.tokenAnswers.push(away, away, away);
    await trade();
    world.t.clock.now = new Date(world.t.clock.now.getTime() + 15 * 60_000);
    await trade();
    expect(await onlyFeed()).toMatchObject({
      state: "failing",
      problem: expect.stringMatching(/not traded in time/),
    });
    expect(await world.t.database.admin.query.select().from(googleConsents)).toEqual([]);
  });

  test("a page in place of a token is none, and Google is asked again", async () => {
    google.tokenAnswers.push({ body: "<html>" });
    await take();
    await trade();
    expect(await onlyFeed()).toMatchObject({ state: "testing" });
    await trade();
    expect(await onlyFeed()).toMatchObject({ account: "postmaster@agency.example" });
  });

  test("two workers trade a code once", async () => {
    await take();
    await Promise.all([trade(), trade(), trade()]);
    expect(google.traded).toBe(1);
    expect(await onlyFeed()).toMatchObject({ account: "postmaster@agency.example" });
  });

  test("a worker that died in the trade is told after a while, and the code is not traded again", async () => {
    await take();
    await world.t.database.admin.query.update(googleConsents).set({ claimedAt: world.t.clock.now });
    await trade();
    expect(await onlyFeed()).toMatchObject({ state: "testing" });
    world.t.clock.now = new Date(world.t.clock.now.getTime() + 5 * 60_000);
    await trade();
    expect([google.traded, (await onlyFeed())?.state]).toEqual([0, "failing"]);
  });
});

describe("a feed that gets a new consent", () => {
  test("goes on with the account that it had, and keeps its credentials where the consent is another's", async () => {
    const { connectionId } = await take();
    await trade();
    google.email = "somebody@else.example";
    google.refreshToken = "1//of-somebody-else";
    await take({ kind: "renew", connectionId });
    await trade();
    expect((await onlyFeed())?.problem).toBe(
      "This consent is of somebody@else.example, and Google reads as postmaster@agency.example. Connect again with that account, or connect somebody@else.example as a feed of its own.",
    );
    await runDueFeeds(world.t.system, world.worker);
    expect(await onlyFeed()).toMatchObject({ state: "working", problem: null });
    expect(world.providers.asked.some(({ text }) => text.includes("of-somebody-else"))).toBe(false);
    google.email = "postmaster@agency.example";
    google.refreshToken = "1//second";
    await take({ kind: "renew", connectionId });
    await trade();
    await runDueFeeds(world.t.system, world.worker);
    expect(
      new URLSearchParams(
        world.providers.asked.findLast(({ text }) => text.includes("refresh_token="))?.text,
      ).get("refresh_token"),
    ).toBe("1//second");
  });

  test("also where a token was pasted before, and no feed of another provider does", async () => {
    const { connectionId } = await connectFeed(world.t.owner, { label: "Pasted", credentials: oauth });
    await take({ kind: "renew", connectionId });
    await trade();
    expect(await onlyFeed()).toMatchObject({ label: "Pasted", account: "postmaster@agency.example" });
    const snds = await connectFeed(world.t.owner, {
      label: "SNDS",
      credentials: {
        kind: "snds",
        dataLink: "https://sendersupport.olc.protection.outlook.com/snds/data.aspx?key=k",
      },
    });
    expect(await sentence(beginGoogleConsent(world.t.owner, { kind: "renew", ...snds }))).toBe(
      "SNDS is no feed of Google's.",
    );
  });
});

describe("the app at Google", () => {
  test("is the organisation's: a customer's admin connects by it and does not change it", async () => {
    const admin = world.t.as("admin", world.t.tenantId);
    expect(await getGoogleApp(admin)).toEqual({ clientId, redirectUri, problem: null, isOwn: false });
    expect(await sentence(changeGoogleApp(admin, { clientId, clientSecret }))).toMatch(/whole organisation/);
    const { state } = await consentAtGoogle({ ...wish, label: "Of one customer" }, admin);
    await takeGoogleConsent(admin, { state, code: "4/code-0" });
    expect(await listFeeds(admin)).toMatchObject([{ tenantId: world.t.tenantId }]);
  });

  test("is registered before anybody consents, and only where Google would send people back", async () => {
    const stranger = await world.t.makeStranger();
    expect(await getGoogleApp(stranger)).toMatchObject({ clientId: null });
    expect(await sentence(beginGoogleConsent(stranger, wish))).toMatch(/No app at Google is registered yet/);
    for (const publicUrl of ["http://control.example", "https://192.0.2.7", "https://[2001:db8::7]:3000"]) {
      const ctx = { ...world.t.owner, installation: { ...world.t.installation, publicUrl } };
      expect(await sentence(beginGoogleConsent(ctx, wish))).toMatch(
        /only to an address with https and a name/,
      );
      expect((await getGoogleApp(ctx)).problem).not.toBeNull();
    }
    const here = {
      ...world.t.owner,
      installation: { ...world.t.installation, publicUrl: "http://localhost:3000" },
    };
    expect((await getGoogleApp(here)).problem).toBeNull();
  });
});
