import { afterAll, beforeAll, expect, it } from "vitest";
import { change, conversations, ProviderApi, page, zoneName } from "./conversations.fixture.ts";

const provider = new ProviderApi();
const { api } = provider;
const open = () => provider.open("cloudflare");
const { zone } = conversations.cloudflare;
beforeAll(() => provider.start());
afterAll(() => provider.stop());

const path = "/zones/z1/dns_records?name.exact=alpha.example&per_page=100";

it("a token that is none is told as such, whatever the status", async () => {
  api.answer(() => ({
    status: 400,
    body: { success: false, errors: [{ code: 6003, message: "Invalid request headers" }] },
  }));
  await expect(open().listZones()).rejects.toMatchObject({ problem: "bad-credentials" });
});

it.each([
  [10000, "Authentication error"],
  [9109, "Unauthorized to access requested resource"],
])(
  "a token without the right to do this (%i) is told as that, and not as a wrong one",
  async (code, message) => {
    api.answer(() => ({ status: 403, body: { success: false, errors: [{ code, message }] } }));
    await expect(open().listZones()).rejects.toMatchObject({
      problem: "not-allowed",
      message: `The credentials for Cloudflare may not do this (403: ${message}); give them the right to read and edit DNS zones.`,
    });
  },
);

it("fields of SRV, CAA, TLSA and SSHFP go as data, and addresses are not proxied", async () => {
  api.answerByPath({
    [`GET ${path}&page=1`]: { result: [], result_info: page },
    "POST /zones/z1/dns_records/batch": {},
  });
  await open().writeSets(zone, [
    change("SRV", [], ["0 1 993 mail.alpha.example"]),
    change("CAA", [], ['0 issue "ca.example"']),
    change("TLSA", [], ["3 1 1 abcd"]),
    change("SSHFP", [], ["4 2 abcd"]),
    change("A", [], ["192.0.2.1"]),
  ]);
  expect(api.changes()[0]?.[1]).toMatchObject({
    posts: [
      { type: "SRV", data: { priority: 0, weight: 1, port: 993, target: "mail.alpha.example" } },
      { type: "CAA", data: { flags: 0, tag: "issue", value: "ca.example" } },
      { type: "TLSA", data: { usage: 3, selector: 1, matching_type: 1, certificate: "abcd" } },
      { type: "SSHFP", data: { algorithm: 4, type: 2, fingerprint: "abcd" } },
      { type: "A", content: "192.0.2.1", proxied: false },
    ],
  });
});

it("a name whose address is hidden behind the proxy is not the record that mail needs", async () => {
  const proxied = { id: "r1", name: zoneName, type: "A", content: "192.0.2.1", proxied: true, ttl: 1 };
  api.answerByPath({
    [`GET ${path}&page=1`]: { result: [proxied], result_info: page },
    "POST /zones/z1/dns_records/batch": {},
  });
  const [set] = await open().readSets(zone, [zoneName]);
  expect(set?.values).toEqual(["192.0.2.1 behind Cloudflare's proxy"]);
  await open().writeSets(zone, [change("A", [...(set?.values ?? [])], ["192.0.2.1"])]);
  expect(api.changes()).toEqual([
    [
      "POST /zones/z1/dns_records/batch",
      {
        deletes: [{ id: "r1" }],
        posts: [{ name: zoneName, type: "A", ttl: 3600, content: "192.0.2.1", proxied: false }],
      },
    ],
  ]);
});

it("all pages of zones and of a name's records are read", async () => {
  const pages = (at: number) => ({ page: at, total_pages: 3 });
  const text = (at: number) => ({ id: `r${at}`, name: zoneName, type: "TXT", content: `"${at}"`, ttl: 60 });
  api.answer(({ path: asked }) => {
    const at = Number(/page=(\d)$/.exec(asked)?.[1]);
    const result = asked.startsWith("/zones?") ? [{ id: `z${at}`, name: `${at}.example` }] : [text(at)];
    return { body: { result, result_info: pages(at) } };
  });
  expect(await open().listZones()).toHaveLength(3);
  expect(await open().readSets(zone, [zoneName])).toMatchObject([{ values: ["1", "2", "3"] }]);
});

it("a list without end is refused, because what was not read would be taken for not there", async () => {
  api.answer(() => ({
    body: { result: [{ id: "z1", name: zoneName }], result_info: { page: 1, total_pages: 1000 } },
  }));
  await expect(open().listZones()).rejects.toMatchObject({
    problem: "rejected",
    message: expect.stringContaining("Cloudflare lists more than 100 pages"),
  });
});
