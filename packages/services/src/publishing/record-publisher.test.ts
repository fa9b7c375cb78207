import type { PlannedRecord } from "@mailstead/core/dns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DnsProviderError } from "../dns/index.ts";
import type { ServiceTest } from "../testing/service-test.ts";
import { compareZoneText, openRecordPublisher, type PublishingWorker } from "./index.ts";
import { openPublishingWorld, recordOf, stepsIn } from "./publishing-world.testing.ts";
import type { TestZones } from "./zones.fixture.ts";

let t: ServiceTest;
let zones: TestZones;
let worker: PublishingWorker;
let domainId: string;

let steps: ReturnType<typeof stepsIn>;

beforeEach(async () => {
  const world = await openPublishingWorld();
  ({ t, zones, worker, domainId } = world);
  steps = stepsIn(world);
});
afterEach(() => t.close());

const request = (put: PlannedRecord[], withdraw: PlannedRecord[] = []) => ({
  organisationId: t.organisationId,
  domainId,
  put,
  withdraw,
  reason: "test",
});

describe("the publisher for rotation and certificates", () => {
  const key = recordOf("s1._domainkey.alpha.example", "v=DKIM1; k=rsa; p=AA");

  it("leaves it to a person when no connection reaches the zone", async () => {
    expect(await openRecordPublisher(worker).publish(request([key]))).toEqual({ kind: "by-hand" });
    zones.zones.clear();
    zones.zones.set("elsewhere.example", []);
    await steps.connect();
    expect(await openRecordPublisher(worker).publish(request([key]))).toEqual({ kind: "by-hand" });
  });

  it("puts, withdraws only what it put, and does nothing twice", async () => {
    zones.put("s0._domainkey.alpha.example TXT v=DKIM1; k=rsa; p=foreign");
    await steps.connect();
    const publisher = openRecordPublisher(worker);
    const foreign = recordOf("s0._domainkey.alpha.example", "v=DKIM1; k=rsa; p=foreign");
    expect(await publisher.publish(request([key]))).toEqual({ kind: "published", changes: 1 });
    expect(await publisher.publish(request([key]))).toEqual({ kind: "published", changes: 0 });
    expect(await publisher.publish(request([], [key, foreign]))).toEqual({ kind: "published", changes: 1 });
    expect(zones.lines()).toEqual(["s0._domainkey.alpha.example TXT v=DKIM1; k=rsa; p=foreign"]);
  });

  it("does not say that it took away what no connection reaches", async () => {
    await steps.connect();
    const elsewhere = recordOf("s1._domainkey.elsewhere.example", "v=DKIM1; k=rsa; p=AA");
    const publisher = openRecordPublisher(worker);
    expect(await publisher.publish(request([], [elsewhere]))).toEqual({ kind: "by-hand" });
    expect(await publisher.publish(request([key], [elsewhere]))).toEqual({ kind: "published", changes: 1 });
    expect(await publisher.publish(request([], [key, elsewhere]))).toEqual({ kind: "by-hand" });
    expect(zones.lines()).toEqual([]);
  });

  it("is refused by a foreign record in the way, and fails while the provider does", async () => {
    zones.put("s1._domainkey.alpha.example CNAME keys.other.example");
    await steps.connect();
    const publisher = openRecordPublisher(worker);
    expect(await publisher.publish(request([key]))).toEqual({
      kind: "refused",
      sentence: expect.stringContaining("is an alias (CNAME) of keys.other.example"),
    });
    zones.error = new DnsProviderError("rate-limited", "deSEC asks us to slow down (429).");
    expect(await publisher.publish(request([recordOf("s2._domainkey.alpha.example", "x")]))).toEqual({
      kind: "failed",
      sentence: "deSEC asks us to slow down (429).",
    });
  });

  it("publishes one after the other, so that two at once lose nothing of one set", async () => {
    await steps.connect();
    const publisher = openRecordPublisher(worker);
    const values = ["one", "two", "three"];
    const outcomes = await Promise.all(
      values.map((value) => publisher.publish(request([recordOf("_acme-challenge.alpha.example", value)]))),
    );
    expect(outcomes).toEqual(values.map(() => ({ kind: "published", changes: 1 })));
    expect(zones.lines()).toEqual(values.map((value) => `_acme-challenge.alpha.example TXT ${value}`).sort());
  });

  it("writes a challenge whose own zone is delegated into that zone, and not above it", async () => {
    zones.zones.set("_acme-challenge.alpha.example", []);
    await steps.connect();
    const challenge = recordOf("_acme-challenge.alpha.example", "proof");
    expect(await openRecordPublisher(worker).publish(request([challenge]))).toEqual({
      kind: "published",
      changes: 1,
    });
    expect(zones.zones.get("_acme-challenge.alpha.example")).toMatchObject([{ values: ["proof"] }]);
    expect(zones.zones.get("alpha.example")).toEqual([]);
  });

  it("keys of rotations stay when a person publishes the domain's plan", async () => {
    await steps.connect();
    await t.database.admin.pool.query(
      `insert into dkim_keys (id, organisation_id, tenant_id, domain_id, server_id, selector, algorithm, created_at)
       select gen_random_uuid(), organisation_id, tenant_id, domain_id, server_id, 's1', 'rsa-2048', created_at
       from domain_servers where domain_id = $1`,
      [domainId],
    );
    await openRecordPublisher(worker).publish(request([key]));
    await steps.plan();
    await steps.publish();
    expect(zones.lines()).toContain("s1._domainkey.alpha.example TXT v=DKIM1; k=rsa; p=AA");
  });
});

describe("a pasted zone file", () => {
  it("is compared with the plan, without any connection, and unreadable lines are named", async () => {
    const { changes, conflicts, inPlace, problems } = await compareZoneText(t.owner, {
      domainId,
      text: `$ORIGIN alpha.example.
@ 3600 IN MX 10 mail
@ IN MX 20 old.example.
@ IN TXT ( "v=spf1 " "include:other.example ~all" ) ; of before
@ IN TXT site=1
broken IN A not-an-address
`,
    });
    expect(inPlace).toBe(1);
    expect(conflicts.map(({ value }) => value).sort()).toEqual([
      "20 old.example",
      "v=spf1 include:other.example ~all",
    ]);
    expect(changes).toContainEqual(expect.objectContaining({ name: "_dmarc.alpha.example" }));
    expect(problems).toMatchObject([{ line: 6 }]);
  });
});
