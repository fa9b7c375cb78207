import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ApiAnswer, ApiRequest } from "./api.fixture.ts";
import {
  changes,
  conversations,
  now,
  ProviderApi,
  secret,
  sitePiece,
  zoneName,
} from "./conversations.fixture.ts";
import { writeChanges } from "./write-changes.ts";

const provider = new ProviderApi();
const { api } = provider;
const open = () => provider.open("ovh");
const { zone } = conversations.ovh;
beforeAll(() => provider.start());
afterAll(() => provider.stop());

const { reads } = conversations.ovh;

it("requests are signed with OVH's own time", async () => {
  api.answerByPath(reads);
  await open().listZones();
  const theirs = String(Math.floor(now.getTime() / 1000) + 30);
  expect(api.requests.at(-1)?.headers).toMatchObject({
    "x-ovh-application": "app",
    "x-ovh-consumer": "consumer",
    "x-ovh-timestamp": theirs,
    "x-ovh-signature": `$1$${createHash("sha1")
      .update(`${secret}+consumer+GET+${provider.url}/domain/zone++${theirs}`)
      .digest("hex")}`,
  });
});

it("the zone is refreshed after half a success, so that list and DNS agree", async () => {
  answerWrites((_, nth) => (nth > 1 ? { status: 500, body: { message: "down" } } : {}));
  await expect(open().writeSets(zone, changes)).rejects.toMatchObject({ problem: "provider-failed" });
  expect(api.changes().at(-1)?.[0]).toBe("POST /domain/zone/alpha.example/refresh");
});

it("names without a final dot lie below the zone", async () => {
  api.answerByPath({
    ...reads,
    "GET /domain/zone/alpha.example/record?subDomain=": [2],
    "GET /domain/zone/alpha.example/record/2": {
      id: 2,
      fieldType: "MX",
      subDomain: "",
      target: "1 mail",
      ttl: 0,
    },
  });
  expect(await open().readSets(zone, [zoneName])).toMatchObject([{ values: ["1 mail.alpha.example"] }]);
});

it("a request out of time is told as clocks that differ", async () => {
  api.answer(({ path }) =>
    path === "/auth/time"
      ? { body: 1 }
      : { status: 400, body: { errorCode: "QUERY_TIME_OUT", message: "Query out of time" } },
  );
  await expect(open().listZones()).rejects.toMatchObject({ problem: "clock-skew", kind: "temporary" });
});

it("what a refresh that fails twice did not bring into the DNS is taken out of the list again", async () => {
  const zoneList = new OvhList();
  api.answer((request) => zoneList.answer(request, { isRefreshing: false }));
  await expect(open().writeSets(zone, changes)).rejects.toMatchObject({ problem: "provider-failed" });
  expect(zoneList.lines()).toEqual(["MX 10 old.alpha.example.", 'TXT "site=\\"1\\""']);
});

it("a list that cannot be taken back either is told as not live, and never as done", async () => {
  const zoneList = new OvhList();
  let isDown = false;
  api.answer((request) => {
    isDown ||= request.path.endsWith("/refresh");
    return isDown && request.method !== "GET"
      ? { status: 500, body: { message: "down" } }
      : zoneList.answer(request, { isRefreshing: false });
  });
  expect(await writeChanges({ provider: open(), zone, changes }, { lookAgainAfterMs: [] })).toMatchObject({
    kind: "half-done",
    done: [],
    error: { problem: "not-live", message: expect.stringContaining("did not bring it into the DNS") },
  });
});

function answerWrites(answer: (request: ApiRequest, nth: number) => ApiAnswer): void {
  let writes = 0;
  api.answer((request) => {
    const body = reads[`${request.method} ${request.path}`];
    if (body !== undefined) return { body };
    if (request.path.endsWith("/refresh")) return {};
    writes += 1;
    return answer(request, writes);
  });
}

/** OVH's list of the records of the zone, which is not its DNS before a refresh. */
class OvhList {
  readonly records = new Map<number, { id: number; fieldType: string; subDomain: string; target: string }>([
    [1, { id: 1, fieldType: "TXT", subDomain: "", target: sitePiece }],
    [2, { id: 2, fieldType: "MX", subDomain: "", target: "10 old.alpha.example." }],
  ]);

  lines(): string[] {
    return [...this.records.values()].map(({ fieldType, target }) => `${fieldType} ${target}`).sort();
  }

  answer({ method, path, body }: ApiRequest, { isRefreshing }: { isRefreshing: boolean }): ApiAnswer {
    if (path === "/auth/time") return { body: 1 };
    if (path.endsWith("/refresh")) return isRefreshing ? {} : { status: 500, body: { message: "down" } };
    if (path.includes("?subDomain=")) return { body: [...this.records.keys()] };
    const id = Number(/\d+$/.exec(path)?.[0] ?? this.records.size + 1);
    const known = this.records.get(id) ?? { id, fieldType: "", subDomain: "", target: "" };
    if (method === "GET") return { body: known };
    if (method === "DELETE") this.records.delete(id);
    else this.records.set(id, { ...known, ...(body as object), id });
    return { body: this.records.get(id) ?? {} };
  }
}

it("a name with many records is read whole", async () => {
  const ids = Array.from({ length: 250 }, (_, index) => index + 1);
  api.answer(({ path }) => {
    if (path === "/auth/time") return { status: 200, body: Math.floor(now.getTime() / 1000) };
    const id = Number(/\/record\/(\d+)$/.exec(path)?.[1]);
    return Number.isNaN(id)
      ? { status: 200, body: ids }
      : { status: 200, body: { id, fieldType: "A", subDomain: "", target: `192.0.2.${id}`, ttl: 60 } };
  });
  const [set] = await open().readSets(zone, [zoneName]);
  expect(set?.values).toHaveLength(250);
});
