import { certificates } from "@mailstead/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { removeDomain } from "../domains/index.ts";
import { type CertificateTest, openCertificateTest } from "./certificate-world.testing.ts";

const dayMs = 86_400_000;
let t: CertificateTest;
beforeEach(async () => {
  t = await openCertificateTest();
});
afterEach(() => t.close());

describe("a certificate for a mail domain", () => {
  test("holds the names that lead to the host, and another one when more do", async () => {
    await t.askForDomain();
    expect((await t.issued()).names).toEqual(["imap.alpha.example"]);
    t.dns.publish("mta-sts.alpha.example A 127.0.0.9", "autoconfig.alpha.example A 192.0.2.9");
    t.later(1000);
    await t.askForDomain();
    const view = await t.runUntil(({ names }) => names.length === 2);
    expect(view.names).toEqual(["imap.alpha.example", "mta-sts.alpha.example"]);
    expect(t.ca.orders.map(({ names }) => names.length)).toEqual([1, 2]);
  });

  test("is proven in the DNS, also as a wildcard, and nothing stays there", async () => {
    await t.askForDomain({ challenge: "dns-01", isWildcard: true });
    expect((await t.issued()).names).toEqual(["*.alpha.example"]);
    expect(t.provider.writes).toHaveLength(1);
    expect(t.provider.writes[0]).toMatch(/^_acme-challenge\.alpha\.example TXT /);
    expect(t.dns.lines().filter((line) => line.includes("_acme-challenge"))).toEqual([]);
    expect(t.ca.asked.filter((line) => line.includes("http-01"))).toEqual([]);
  });

  test("is proven where the challenge is delegated to", async () => {
    t.dns.publish("_acme-challenge.alpha.example CNAME alpha.acme.example");
    await t.askForDomain({ challenge: "dns-01", isWildcard: true });
    await t.issued();
    expect(t.provider.writes[0]).toMatch(/^alpha\.acme\.example TXT /);
  });

  test("is proven at the name servers that the challenge's own zone is delegated to, and waits for them", async () => {
    const zone = "_acme-challenge.alpha.example";
    const delegated = await t.dns.delegate(zone, "127.0.0.5");
    delegated.isLate = true;
    await t.askForDomain({ challenge: "dns-01", isWildcard: true });
    const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("Not all") ?? false);
    expect(problem?.sentence).toBe(`Not all name servers show ${zone} yet: ns3.b.example does not.`);
    expect(t.ca.asked.filter((line) => line.includes("/challenge/"))).toEqual([]);
    delegated.isLate = false;
    t.dns.spread();
    await t.issued();
    expect(t.provider.writes).toEqual([expect.stringMatching(/^_acme-challenge\.alpha\.example TXT /)]);
    expect(delegated.server.asked).toContain(`${zone} TXT`);
    expect(t.ca.orders).toHaveLength(1);
  });

  test("waits until every name server shows the proof", async () => {
    await t.askForDomain({ challenge: "dns-01", isWildcard: true });
    await t.runUntil(({ problem }) => problem !== null);
    t.later(16_000);
    const { publish } = t.dns;
    t.dns.publish = (...lines) => {
      for (const line of lines) t.dns.late.add(line);
      publish(...lines);
    };
    await t.run();
    expect((await t.view()).problem?.sentence).toMatch(
      /Not all name servers show _acme-challenge\.alpha\.example yet/,
    );
    expect(t.ca.asked.filter((line) => line.includes("/challenge/"))).toEqual([]);
    t.dns.late.clear();
    t.dns.spread();
    await t.issued();
    expect(t.ca.orders).toHaveLength(1);
  });

  test("says exactly what to paste where no provider is connected, and goes on once it is seen", async () => {
    t.provider.answer = "by-hand";
    await t.askForDomain({ challenge: "dns-01", isWildcard: true });
    const { toPaste, problem } = await t.runUntil((view) => view.toPaste.length > 0);
    expect(problem?.sentence).toMatch(/publish the TXT record _acme-challenge\.alpha\.example by hand/);
    expect(toPaste).toEqual([
      { name: "_acme-challenge.alpha.example", type: "TXT", value: expect.any(String) },
    ]);
    t.dns.publish(`${toPaste[0]?.name} TXT ${toPaste[0]?.value}`);
    t.later(3 * 60_000);
    const view = await t.issued();
    expect(view.toPaste).toEqual([]);
    expect(t.ca.orders).toHaveLength(1);
  });

  test.each(["refused", "failed"] as const)(
    "says why the provider %s, and leaves nothing half done",
    async (answer) => {
      t.provider.answer = answer;
      await t.askForDomain({ challenge: "dns-01", isWildcard: true });
      const { problem } = await t.runUntil((view) => view.problem?.sentence.includes("token") ?? false);
      expect(problem).toMatchObject({
        kind: answer === "refused" ? "permanent" : "temporary",
        sentence: expect.stringMatching(
          /The DNS provider did not take _acme-challenge\.alpha\.example: the token has no rights\./,
        ),
      });
      t.provider.answer = "published";
      t.later(dayMs);
      await t.issued();
      expect(t.dns.lines().filter((line) => line.includes("_acme-challenge"))).toEqual([]);
    },
  );

  test("goes with its domain", async () => {
    await t.askForDomain();
    await t.issued();
    await removeDomain(t.owner, { domainId: t.domainId });
    expect((await t.target()).certificates).toEqual([]);
    expect(await t.database.admin.query.select().from(certificates)).toEqual([]);
  });
});
