import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { judgeRoutes } from "@mailstead/core/checks";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { askRoutes } from "./ask-routes.ts";

const now = new Date("2026-11-29T12:00:00Z");
/** Answers as RIPEstat's data API does for network-info and rpki-validation. */
let status: string;
let asked: string[];
const source = createServer((request, response) => {
  const url = new URL(request.url ?? "", "http://source.example");
  asked.push(`${url.pathname}${url.search}`);
  const data = url.pathname.startsWith("/data/network-info")
    ? { asns: ["64500"], prefix: "198.51.100.0/24" }
    : { validating_roas: [], status, validator: "routinator", resource: "64500", prefix: "198.51.100.0/24" };
  response.end(JSON.stringify({ status: "ok", status_code: 200, data }));
});
let rpkiUrl = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => source.listen(0, "127.0.0.1", resolve));
  rpkiUrl = `http://127.0.0.1:${(source.address() as AddressInfo).port}/data`;
});
afterAll(() => {
  source.close();
});
beforeEach(() => {
  status = "valid";
  asked = [];
});

const ask = (before: Parameters<typeof askRoutes>[1]["before"] = [], url = rpkiUrl) =>
  askRoutes(["198.51.100.7"], { rpkiUrl: url, before, now });

test.each([
  ["valid", []],
  ["invalid_asn", ["rpki-invalid error"]],
  ["invalid_length", ["rpki-invalid error"]],
  ["unknown", ["rpki-unsigned instruction"]],
])("a route that is %s is judged so", async (told, expected) => {
  status = told;
  expect(judgeRoutes(await ask()).map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(expected);
  expect(asked).toEqual([
    "/data/network-info/data.json?resource=198.51.100.7",
    "/data/rpki-validation/data.json?resource=AS64500&prefix=198.51.100.0%2F24",
  ]);
});

test("what is known of today is not asked again", async () => {
  const known = await ask();
  asked = [];
  expect(await ask(known)).toEqual(known);
  expect(asked).toEqual([]);
});

test("a source that cannot be reached or says something else says nothing of an address", async () => {
  expect(await ask([], "http://127.0.0.1:1/data")).toEqual([]);
  status = "confused";
  expect(await ask()).toEqual([]);
});
