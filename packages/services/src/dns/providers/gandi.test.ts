import { afterAll, beforeAll, expect, it } from "vitest";
import { change, conversations, ProviderApi, zoneName } from "./conversations.fixture.ts";

const provider = new ProviderApi();
const { api } = provider;
const open = () => provider.open("gandi");
const { zone } = conversations.gandi;
beforeAll(() => provider.start());
afterAll(() => provider.stop());

it("a name without records is told from a zone that is not there", async () => {
  api.answerByPath({ "GET /domains/alpha.example": { fqdn: zoneName } });
  expect(await open().readSets(zone, ["new.alpha.example"])).toEqual([]);
  api.answerByPath({});
  await expect(open().readSets(zone, ["new.alpha.example"])).rejects.toMatchObject({
    problem: "zone-not-found",
  });
});

it("names without a final dot lie below the zone", async () => {
  api.answer(() => ({
    body: [{ rrset_type: "MX", rrset_ttl: 300, rrset_values: ["10 mail", "20 mx.other.example."] }],
  }));
  expect(await open().readSets(zone, [zoneName])).toMatchObject([
    { values: ["10 mail.alpha.example", "20 mx.other.example"] },
  ]);
});

it("every set is looked at before the first is written", async () => {
  api.answer(({ method }) =>
    method === "GET" ? { body: [{ rrset_type: "TXT", rrset_ttl: 300, rrset_values: ['"new"'] }] } : {},
  );
  await expect(
    open().writeSets(zone, [change("MX", [], ["10 a.example"]), change("TXT", [], ["x"])]),
  ).rejects.toMatchObject({ problem: "changed-meanwhile" });
  expect(api.changes()).toEqual([]);
});

it("a set that is to be new is not written over one that somebody made meanwhile", async () => {
  const zoneThere = { "GET /domains/alpha.example": { fqdn: zoneName } };
  api.answerByPath({
    ...zoneThere,
    "POST /domains/alpha.example/records/@/TXT": { message: "DNS Record Created" },
  });
  await open().writeSets(zone, [change("TXT", [], ["x"])]);
  expect(api.changes()).toEqual([
    ["POST /domains/alpha.example/records/@/TXT", { rrset_ttl: 3600, rrset_values: ['"x"'] }],
  ]);
  api.answer(({ method, path }) => {
    if (method === "POST") return { status: 409, body: { message: "A DNS Record already exists" } };
    return path === "/domains/alpha.example" ? { body: { fqdn: zoneName } } : undefined;
  });
  await expect(open().writeSets(zone, [change("TXT", [], ["x"])])).rejects.toMatchObject({
    problem: "changed-meanwhile",
  });
});
