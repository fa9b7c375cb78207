import { afterAll, beforeAll, expect, it } from "vitest";
import { change, changes, conversations, ProviderApi, secret, zoneName } from "./conversations.fixture.ts";

const provider = new ProviderApi();
const { api } = provider;
const open = () => provider.open("hetzner");
const { zone } = conversations.hetzner;
beforeAll(() => provider.start());
afterAll(() => provider.stop());

const rrsets = (...sets: { type: string; records: { value: string; comment?: string }[] }[]) => ({
  rrsets: sets.map((set) => ({ name: "@", ttl: 3600, ...set })),
  meta: { pagination: { next_page: null } },
});
const answerWith = (sets: unknown, action: unknown = { status: "success" }) =>
  api.answer(({ method }) => ({ body: method === "GET" ? sets : { action } }));

it("an action that ends in an error is a failure, though the request was taken", async () => {
  answerWith(conversations.hetzner.reads["GET /zones/42/rrsets?name=@&per_page=50&page=1"], {
    status: "error",
    error: { message: `zone is locked for ${secret}` },
  });
  await expect(open().writeSets(zone, changes)).rejects.toMatchObject({
    problem: "provider-failed",
    message: "Hetzner could not carry out the change: zone is locked for ….",
  });
});

it("a set that loses and gains is written whole, with the comments and the strings of others", async () => {
  answerWith(
    rrsets({
      type: "TXT",
      records: [{ value: '"v=spf1 mx -all"' }, { value: '"a" "b"', comment: "of the web agency" }],
    }),
  );
  await open().writeSets(zone, [change("TXT", ["v=spf1 mx -all", "ab"], ["ab", "v=spf1 a -all"])]);
  expect(api.changes()).toEqual([
    [
      "POST /zones/42/rrsets/@/TXT/actions/set_records",
      { records: [{ value: '"a" "b"', comment: "of the web agency" }, { value: '"v=spf1 a -all"' }] },
    ],
  ]);
});

it("a set that only loses has single values removed, so that nothing that others add meanwhile is written over", async () => {
  answerWith(
    rrsets({
      type: "TXT",
      records: [{ value: '"v=spf1 " "mx -all"' }, { value: '"ab"', comment: "of the web agency" }],
    }),
  );
  await open().writeSets(zone, [change("TXT", ["v=spf1 mx -all", "ab"], ["ab"])]);
  expect(api.changes()).toEqual([
    ["POST /zones/42/rrsets/@/TXT/actions/remove_records", { records: [{ value: '"v=spf1 " "mx -all"' }] }],
  ]);
});

it("names without a final dot lie below the zone", async () => {
  answerWith(rrsets({ type: "MX", records: [{ value: "10 mail" }, { value: "20 @" }] }));
  expect(await open().readSets(zone, [zoneName])).toMatchObject([
    { values: ["10 mail.alpha.example", "20 alpha.example"] },
  ]);
});

it.each(["conflict", "locked"])(
  "another change under way (%s) is waited for, not given up on",
  async (code) => {
    api.answer(() => ({ status: 409, body: { error: { code, message: "busy" } } }));
    await expect(open().listZones()).rejects.toMatchObject({ problem: "provider-failed", kind: "temporary" });
  },
);

it("all pages are read", async () => {
  api.answer(({ path }) => {
    const at = path.endsWith("page=1") ? 1 : 2;
    const meta = { pagination: { next_page: at === 1 ? 2 : null } };
    return { body: { zones: [{ id: at, name: `${at}.example`, mode: "primary" }], meta } };
  });
  expect(await open().listZones()).toHaveLength(2);
});
