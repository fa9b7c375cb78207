import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  change,
  changes,
  conversations,
  type HttpProviderKind,
  ProviderApi,
  secret,
  sets,
  sitePiece,
  zoneName,
} from "./conversations.fixture.ts";

const provider = new ProviderApi();
beforeAll(() => provider.start());
afterAll(() => provider.stop());
const kinds = Object.keys(conversations) as HttpProviderKind[];

describe.each(kinds)("%s", (kind) => {
  const { zone, shows, reads, writes } = conversations[kind];
  const answerAll = () =>
    provider.api.answer(({ method, path }) => {
      if (method !== "GET") return { body: { action: { status: "success" } } };
      const body = reads[`GET ${path}`];
      return body === undefined ? undefined : { body };
    });

  it("lists the zones that it may change, and shows the credentials as the API asks", async () => {
    answerAll();
    expect(await provider.open(kind).listZones()).toEqual([zone]);
    expect(provider.api.requests.at(-1)?.headers[shows[0]]).toMatch(shows[1]);
  });

  it("reads the sets of a name as values", async () => {
    answerAll();
    const found = await provider.open(kind).readSets(zone, [zoneName]);
    expect(found).toHaveLength(sets.length);
    expect(found).toEqual(expect.arrayContaining(sets));
  });

  it("writes what the changes say, in the shapes of the API", async () => {
    answerAll();
    await provider.open(kind).writeSets(zone, changes);
    expect(provider.api.changes()).toEqual(writes);
  });

  it.each([
    [401, "bad-credentials", "permanent"],
    [403, "not-allowed", "permanent"],
    [404, "zone-not-found", "permanent"],
    [400, "rejected", "permanent"],
    [429, "rate-limited", "temporary"],
    [500, "provider-failed", "temporary"],
    [503, "provider-failed", "temporary"],
  ] as const)("an answer %i is told as %s, which is %s", async (status, problem, retry) => {
    provider.api.answer(() => ({
      status,
      headers: { "retry-after": "7" },
      body: { message: `no ${secret}` },
    }));
    const error = await provider
      .open(kind)
      .listZones()
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ problem, kind: retry, retryAfterMs: 7000 });
    expect(String(error)).not.toContain(secret);
  });

  it.each([
    ["no JSON and no XML", "<html>busy</html>"],
    ["another shape", { unexpected: true }],
    ["nothing", ""],
    ["more than anybody sends", "x".repeat(9 * 1024 * 1024)],
  ])("an answer that is %s is unreadable, which is temporary", async (_, body) => {
    provider.api.answer(() => ({ body }));
    await expect(provider.open(kind).listZones()).rejects.toMatchObject({
      problem: "unreadable",
      kind: "temporary",
    });
  });

  it("a redirect is not followed, because the credentials would go with it", async () => {
    provider.api.answer(({ path }) =>
      path === "/elsewhere"
        ? { body: [] }
        : { status: 302, headers: { location: `${provider.url}/elsewhere` } },
    );
    await expect(provider.open(kind).listZones()).rejects.toMatchObject({ problem: "rejected" });
    expect(provider.api.requests.map(({ path }) => path)).not.toContain("/elsewhere");
  });

  it("a host that is not there is unreachable", async () => {
    const nobody = provider.open(kind, "http://127.0.0.1:1");
    await expect(nobody.listZones()).rejects.toMatchObject({ problem: "unreachable", kind: "temporary" });
  });
});

describe.each(["powerdns", "route53", "desec", "gandi"] as const)("%s, which takes sets whole", (kind) => {
  const { zone, reads } = conversations[kind];
  const answerWith = (from: string, to: string) =>
    provider.api.answer(({ method, path }) => {
      if (method !== "GET") return {};
      const known = reads[`GET ${path}`];
      if (typeof known === "string") return { body: known.replace(from.replaceAll('"', "&quot;"), to) };
      const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
      return { body: JSON.stringify(known ?? {}).replace(escaped(from), escaped(to)) };
    });

  it("gives back another's text in the strings in which they cut it", async () => {
    answerWith(sitePiece, '"a" "b"');
    await provider.open(kind).writeSets(zone, [change("TXT", ["ab"], ["ab", "v=spf1 mx -all"])]);
    expect(JSON.stringify(provider.api.changes())).toMatch(/a(\\"|&#34;) (\\"|&#34;)b.*v=spf1 mx -all/);
  });

  it("writes nothing when somebody has changed a set since it was planned", async () => {
    answerWith(sitePiece, '"new"');
    await expect(provider.open(kind).writeSets(zone, changes)).rejects.toMatchObject({
      problem: "changed-meanwhile",
    });
    expect(provider.api.changes()).toEqual([]);
  });
});
