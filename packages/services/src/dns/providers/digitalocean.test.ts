import { afterAll, beforeAll, expect, it } from "vitest";
import {
  change,
  changes,
  conversations,
  oceanRecords,
  ProviderApi,
  zoneName,
} from "./conversations.fixture.ts";

const provider = new ProviderApi();
const { api } = provider;
const open = () => provider.open("digitalocean");
const { zone } = conversations.digitalocean;
beforeAll(() => provider.start());
afterAll(() => provider.stop());

const path = "GET /domains/alpha.example/records?name=alpha.example&per_page=200&page=1";

it.each([
  [change("TLSA", [], ["3 1 1 abcd"]), "TLSA"],
  [change("CAA", [], ['0 issue "ca.example; accounturi=https://ca.example/1"']), "accounturi"],
])("what it has no records for is rejected before anything is written", async (impossible, word) => {
  api.answerByPath({ [path]: oceanRecords });
  await expect(open().writeSets(zone, [...changes, impossible])).rejects.toMatchObject({
    problem: "rejected",
    message: expect.stringContaining(word),
  });
  expect(api.changes()).toEqual([]);
});

it("it says beforehand what it cannot hold, so that it can be left out", () => {
  const held = (type: string, value: string) => open().canHold?.({ type, value });
  expect(held("TLSA", "3 1 1 abcd")).toBe(false);
  expect(held("SSHFP", "4 2 abcd")).toBe(false);
  expect(held("CAA", '0 issue "ca.example; accounturi=https://ca.example/1"')).toBe(false);
  expect(held("CAA", '0 issue "ca.example"')).toBe(true);
  expect(held("TXT", "v=spf1 -all")).toBe(true);
});

it("an alias is changed in place, so that the name has one at every moment", async () => {
  const alias = { id: 7, type: "CNAME", name: "s1._domainkey", data: "old.example", ttl: 60 };
  const name = `s1._domainkey.${zoneName}`;
  api.answerByPath({
    [path.replace("name=alpha.example", `name=${name}`)]: { domain_records: [alias] },
    "PUT /domains/alpha.example/records/7": {},
  });
  await open().writeSets(zone, [{ ...change("CNAME", ["old.example"], ["new.example"]), name }]);
  expect(api.changes()).toEqual([
    [
      "PUT /domains/alpha.example/records/7",
      { name: "s1._domainkey", type: "CNAME", ttl: 3600, data: "new.example." },
    ],
  ]);
});

it("more that goes than comes is removed, and a long text goes as one", async () => {
  const text = (id: number, data: string) => ({ id, type: "TXT", name: "@", data, ttl: 60 });
  api.answer(({ method }) => ({
    body: method === "GET" ? { domain_records: [text(1, "a"), text(2, "b"), text(3, "site=1")] } : {},
  }));
  const long = `v=DKIM1; p=${"A".repeat(390)}`;
  await open().writeSets(zone, [change("TXT", ["a", "b", "site=1"], ["site=1", long])]);
  expect(api.changes()).toEqual([
    ["PUT /domains/alpha.example/records/1", { name: "@", type: "TXT", ttl: 3600, data: long }],
    ["DELETE /domains/alpha.example/records/2", ""],
  ]);
});

it("pages are followed while the answer names a next one", async () => {
  const next = { pages: { next: "https://api.digitalocean.com/v2/domains?page=2" } };
  api.answer(({ path: asked }) => ({
    body: asked.endsWith("page=1")
      ? { domains: [{ name: "a.example" }], links: next }
      : { domains: [{ name: "b.example" }], links: {} },
  }));
  expect((await open().listZones()).map(({ name }) => name)).toEqual(["a.example", "b.example"]);
});

it("how long to slow down is told, also when the moment is given in Unix time", async () => {
  const date = "Fri, 20 Nov 2026 12:00:00 GMT";
  const reset = String(Date.parse(date) / 1000 + 42);
  api.answer(() => ({
    status: 429,
    headers: { date, "ratelimit-reset": reset },
    body: { message: "Too many" },
  }));
  await expect(open().listZones()).rejects.toMatchObject({
    retryAfterMs: 42_000,
    message: "DigitalOcean asks us to slow down for 42 s (429: Too many).",
  });
});
