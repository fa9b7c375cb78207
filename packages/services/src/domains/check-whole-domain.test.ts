import { afterAll, beforeAll, expect, test } from "vitest";
import { makeNameServer } from "../dns/name-server.testing.ts";
import { recordObserved } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { addDomain, checkDomain, getDomain } from "./index.ts";

const t = await openServerTest();
const dns = makeNameServer("127.0.0.1");
const authority = makeNameServer("127.0.0.29", ["a.example"]);
let resolver: Parameters<typeof checkDomain>[2];
const { domainId } = await addDomain(t.owner, {
  tenantId: t.tenantId,
  serverId: t.serverId,
  name: "a.example",
});

beforeAll(async () => {
  const port = await dns.start();
  await authority.start(port);
  resolver = { address: "127.0.0.1", port, authorityPort: port };
  const { keys } = await getDomain(t.owner, { domainId });
  await recordObserved(t.system, {
    serverId: t.serverId,
    report: {
      targetRevision: 1,
      drift: [],
      dkimPublicKeys: keys.map(({ selector, algorithm }) => ({
        domain: "a.example",
        selector,
        algorithm,
        publicKey: selector.endsWith("a") ? "QUJD" : "REVG",
      })),
      directory: { epoch: 1, revision: 1 },
    },
  });
});
afterAll(async () => {
  dns.stop();
  authority.stop();
  await t.close();
});

async function kindsWith(...lines: string[]): Promise<string[]> {
  const zone = ["a.example NS ns.a.example", "ns.a.example A 127.0.0.29", ...lines];
  dns.publish(...zone);
  authority.publish("a.example SOA 1", ...zone);
  const { report } = await checkDomain(t.owner, { domainId }, resolver);
  if (report.kind !== "checked") throw new Error(report.sentence);
  return (report.zones ?? []).flatMap(({ findings }) => findings.map(({ kind }) => kind));
}

const foreign = ["a.example MX 20 mx.a.example", "mx.a.example A 127.0.0.30"];
const strict = "_dmarc.a.example TXT v=DMARC1; p=reject";

test("the check of a domain meets the hosts of others that its MX names, and never one in our own network", async () => {
  expect(await kindsWith(...foreign)).toContain("mx-host-unfound");
  expect(await kindsWith()).not.toContain("mx-host-unfound");
});

test("the check of a domain says when its mail proves itself by nothing while receivers act on that", async () => {
  expect(await kindsWith(strict)).toContain("dmarc-unaligned");
  const { records } = await getDomain(t.owner, { domainId });
  const keys = records.filter(({ purpose }) => purpose === "dkim");
  expect(keys).not.toEqual([]);
  const shown = keys.map(({ name, value }) => `${name} TXT ${value}`);
  expect(await kindsWith(strict, ...shown)).not.toContain("dmarc-unaligned");
});

test.each([
  ["a text", "_dmarc.a.example TXT v=DMARC1;\0p=reject"],
  ["the name of a mail host", "a.example MX 10 m\0x.a.example"],
  ["an alias", "autoconfig.a.example CNAME m\0x.a.example"],
])("an octet in %s that no database stores keeps no domain from being checked", async (_where, line) => {
  const { checkedAt } = (await getDomain(t.owner, { domainId })).lastCheck ?? {};
  t.clock.now = new Date(t.clock.now.getTime() + 60_000);
  await kindsWith(line);
  expect((await getDomain(t.owner, { domainId })).lastCheck?.checkedAt).not.toEqual(checkedAt);
});
