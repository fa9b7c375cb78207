import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DnsView } from "./dns-view.ts";
import { inspectNoMailCaa } from "./inspect-no-mail-caa.ts";
import { TestNameServer } from "./name-server.fixture.ts";

const dns = new TestNameServer("127.0.0.1");
let port = 0;
beforeAll(async () => {
  port = await dns.start();
});
afterAll(() => dns.stop());
beforeEach(() => {
  dns.rcode = 0;
});

const inspect = (ownNames: string[] = []) =>
  inspectNoMailCaa("a.example", {
    view: new DnsView({ address: "127.0.0.1", port, authorityPort: port }),
    ownNames,
  });
const recordsNow = async (ownNames?: string[]) =>
  (await inspect(ownNames)).findings.map(({ record }) => record ?? "none to paste");

test("a domain that nothing stands at may forbid all certificates, and one with a web site may not", async () => {
  dns.publish("a.example TXT v=spf1 -all");
  expect(await recordsNow()).toEqual(['a.example. IN CAA 0 issue ";"']);
  dns.publish("www.a.example AAAA 2001:db8::1");
  expect(await recordsNow()).toEqual(["none to paste"]);
  dns.publish("a.example A 198.51.100.7");
  expect(await recordsNow()).toEqual(["none to paste"]);
  dns.publish("a.example TXT v=spf1 -all");
  expect(await recordsNow(["mail.a.example"])).toEqual(["none to paste"]);
});

test("one that says who may issue, or whose zone above does, has no finding", async () => {
  dns.publish('a.example CAA 0 issue ";"');
  expect(await recordsNow()).toEqual([]);
  dns.publish('example CAA 0 issue "ca.example"');
  expect(await recordsNow()).toEqual([]);
});

test("a resolver that fails opens and closes nothing", async () => {
  dns.rcode = 2;
  expect(await inspect()).toEqual({ findings: [], unasked: ["caa-missing"] });
});
