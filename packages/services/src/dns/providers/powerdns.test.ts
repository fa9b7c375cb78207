import { afterAll, beforeAll, expect, it } from "vitest";
import { change, conversations, ProviderApi, sitePiece, zoneName } from "./conversations.fixture.ts";

const provider = new ProviderApi();
const { api } = provider;
const open = () => provider.open("powerdns");
const { zone } = conversations.powerdns;
beforeAll(() => provider.start());
afterAll(() => provider.stop());

const other = { content: sitePiece };
/** A zone with a serial and one text of somebody else's, which answers a PATCH as the test says. */
function answer({
  records = [other],
  counting = "DEFAULT",
  patch = () => ({}),
}: {
  counting?: string;
  records?: { content: string; disabled?: boolean }[];
  patch?: (changetypes: string[]) => { status?: number; headers?: Record<string, string>; body?: unknown };
} = {}) {
  const rrsets = [{ name: `${zoneName}.`, type: "TXT", ttl: 300, records }];
  api.answer(({ method, body }) =>
    method === "GET"
      ? { body: { serial: 2026112907, soa_edit_api: counting, rrsets } }
      : patch((body as { rrsets: { changetype: string }[] }).rrsets.map(({ changetype }) => changetype)),
  );
}
const written = () =>
  api
    .changes()
    .map(([, body]) => (body as { rrsets: { changetype: string }[] }).rrsets.map((set) => set.changetype));
const comes = change("TXT", ['site="1"'], ['site="1"', "v=spf1 -all"]);

it("a value comes to a set of somebody else's by itself, so that nothing of theirs is written", async () => {
  answer();
  await open().writeSets(zone, [comes]);
  expect(api.changes()).toEqual([
    [
      "PATCH /api/v1/servers/localhost/zones/alpha.example.",
      {
        rrsets: [
          {
            name: "alpha.example.",
            type: "TXT",
            ttl: 300,
            changetype: "EXTEND",
            records: [{ content: '"v=spf1 -all"', disabled: false }],
          },
        ],
      },
    ],
  ]);
});

it("a set that is new or holds a record that is switched off is written whole", async () => {
  answer({ records: [other, { content: '"off"', disabled: true }] });
  await open().writeSets(zone, [comes, change("MX", [], ["10 mail.alpha.example"])]);
  expect(written()).toEqual([["REPLACE", "REPLACE"]]);
});

const replacing = (serial: string) => (changetypes: string[]) =>
  changetypes.includes("EXTEND")
    ? { status: 422, body: { error: "Changetype not understood" } }
    : { status: 204, headers: { "x-pdns-old-serial": serial, "x-pdns-new-serial": serial } };

it.each([
  ["DEFAULT", "2026112908", false],
  ["DEFAULT", "2026113001", false],
  ["DEFAULT", "2026113002", true],
  ["DEFAULT", "2026112909", true],
  ["INCREASE", "2026112908", false],
  ["INCREASE", "2026112909", true],
  ["EPOCH", "1795996800", false],
  ["", "2026112909", false],
])(
  "a version that replaces only is written to whole, and tells when somebody was in between (%s, %s)",
  async (counting, serial, isTold) => {
    const told: string[] = [];
    answer({ counting, patch: replacing(serial) });
    await open().writeSets(zone, [comes], (sentence) => told.push(sentence));
    expect(written()).toEqual([["EXTEND"], ["REPLACE"]]);
    expect(told).toEqual(
      isTold
        ? [
            `Somebody else changed the zone alpha.example at PowerDNS between our reading (serial 2026112907) and our writing (serial ${serial}); if that was at TXT alpha.example, it is lost, so look whether it has to be made again.`,
          ]
        : [],
    );
  },
);

it("somebody in between loses nothing to single values, and nobody is alarmed", async () => {
  answer({ patch: () => ({ status: 204, headers: { "x-pdns-new-serial": "2026112909" } }) });
  const told: string[] = [];
  await open().writeSets(zone, [change("TXT", ['site="1"'], [])], (sentence) => told.push(sentence));
  expect(written()).toEqual([["PRUNE"]]);
  expect(told).toEqual([]);
});

it("what is refused either way is refused", async () => {
  answer({ patch: () => ({ status: 422, body: { error: "Record is not in expected format" } }) });
  await expect(open().writeSets(zone, [comes])).rejects.toMatchObject({
    problem: "rejected",
    message: expect.stringContaining("Record is not in expected format"),
  });
});
