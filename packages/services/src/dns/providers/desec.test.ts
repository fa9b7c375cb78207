import { afterAll, beforeAll, expect, it } from "vitest";
import { change, conversations, ProviderApi, zoneName } from "./conversations.fixture.ts";

const provider = new ProviderApi();
const { api } = provider;
const open = () => provider.open("desec");
const { zone } = conversations.desec;
beforeAll(() => provider.start());
afterAll(() => provider.stop());

it("a long list is read by its cursor", async () => {
  api.answer(({ path }) => {
    if (path.endsWith("?cursor=two")) return { body: [{ name: "b.example" }] };
    const link = (cursor: string, rel: string) => `<${provider.url}/domains/?cursor=${cursor}>; rel="${rel}"`;
    const headers = { link: `${link("", "first")}, ${link("two", "next")}` };
    return path.endsWith("?cursor=") ? { headers, body: [{ name: "a.example" }] } : undefined;
  });
  expect((await open().listZones()).map(({ name }) => name)).toEqual(["a.example", "b.example"]);
});

it("many names cost one question, because it answers 50 in a minute", async () => {
  api.answer(() => ({ body: [{ subname: "_dmarc", type: "TXT", ttl: 3600, records: ['"x"'] }] }));
  const names = Array.from({ length: 40 }, (_, at) => `n${at}.${zoneName}`);
  expect(await open().readSets(zone, [...names, `_dmarc.${zoneName}`])).toMatchObject([
    { name: `_dmarc.${zoneName}`, values: ["x"] },
  ]);
  expect(api.requests).toHaveLength(1);
});

it("what it says of one set of many is told", async () => {
  api.answer(({ method }) =>
    method === "GET"
      ? { body: [] }
      : { status: 400, body: [{}, { ttl: ["Ensure this value is greater than or equal to 3600."] }] },
  );
  await expect(open().writeSets(zone, [change("TXT", [], ["x"])])).rejects.toMatchObject({
    problem: "rejected",
    message: "deSEC refused the request (400: Ensure this value is greater than or equal to 3600).",
  });
});

it("what is new goes in a request that somebody else's new set refuses, and an alias changes with what replaces it", async () => {
  const at = (label: string, one: ReturnType<typeof change>) => ({ ...one, name: `${label}.${zoneName}` });
  api.answer(({ method }) =>
    method === "GET"
      ? { body: [{ subname: "www", type: "CNAME", ttl: 3600, records: ["old.example."] }] }
      : { body: [] },
  );
  const changes = [
    at("www", change("CNAME", ["old.example"], [])),
    at("www", change("TXT", [], ["y"])),
    at("new", change("TXT", [], ["x"])),
  ];
  await open().writeSets(zone, changes);
  const set = (subname: string, type: string, records: string[]) => ({ subname, type, ttl: 3600, records });
  expect(api.changes()).toEqual([
    ["POST /domains/alpha.example/rrsets/", [set("new", "TXT", ['"x"'])]],
    ["PATCH /domains/alpha.example/rrsets/", [set("www", "CNAME", []), set("www", "TXT", ['"y"'])]],
  ]);
  const error = "Another RRset with the same subdomain and type exists for this domain. (Try modifying it.)";
  api.answer(({ method }) =>
    method === "GET" ? { body: [] } : { status: 400, body: [{}, { non_field_errors: [error] }] },
  );
  await expect(open().writeSets(zone, [change("TXT", [], ["x"])])).rejects.toMatchObject({
    problem: "changed-meanwhile",
  });
});
