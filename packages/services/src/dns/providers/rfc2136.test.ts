import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeData, encodeData, type WireType } from "./dns-wire.ts";
import { TestNameServer, withTsigError } from "./name-server.fixture.ts";
import { openRfc2136 } from "./rfc2136.ts";
import { signMessage, type TsigKey } from "./tsig.ts";

const key: TsigKey = { name: "mailstead", algorithm: "hmac-sha256", secret: Buffer.alloc(32, 1) };
const other: TsigKey = { ...key, secret: Buffer.alloc(32, 2) };
const now = new Date("2026-11-20T12:00:00Z");
const server = new TestNameServer();
let port: number;
beforeAll(async () => {
  port = await server.start();
});
afterAll(() => server.stop());

const open = (withinMs = 2000) =>
  openRfc2136({ host: "127.0.0.1", port, key, zones: ["a.example"], now: () => now, withinMs });

describe("an answer is believed only as far as its signature goes", () => {
  it.each([
    [16, "bad-credentials", "BADSIG"],
    [17, "bad-credentials", "BADKEY"],
    [22, "rejected", "error 22"],
  ])("TSIG error %i is told as %s", async (error, problem, words) => {
    server.answer = () => ({ responseCode: 9, sign: (unsigned) => withTsigError(unsigned, { key, error }) });
    await expect(open().listZones()).rejects.toMatchObject({
      problem,
      message: expect.stringContaining(words),
    });
  });

  it.each([
    ["is not signed", undefined],
    ["is signed with another key", (unsigned: Buffer) => signMessage(unsigned, other, now).signed],
    // Signed by the right key, but not as an answer to this question.
    ["belongs to another question", (unsigned: Buffer) => signMessage(unsigned, key, now).signed],
  ])("one that %s is not believed", async (_, sign) => {
    server.answer = () => (sign === undefined ? { responseCode: 0 } : { responseCode: 0, sign });
    await expect(open().listZones()).rejects.toMatchObject({ problem: "unreadable", kind: "temporary" });
  });

  it.each([
    [9, "bad-credentials", "permanent"],
    [5, "not-allowed", "permanent"],
    [4, "not-allowed", "permanent"],
    [2, "provider-failed", "temporary"],
    [10, "zone-not-found", "permanent"],
    [7, "changed-meanwhile", "temporary"],
  ])("a refusal without a signature (%i) is told as %s", async (responseCode, problem, kind) => {
    server.answer = () => ({ responseCode });
    await expect(open().listZones()).rejects.toMatchObject({ problem, kind });
  });

  it("bytes that are no DNS message are unreadable", async () => {
    server.answer = (message) => ({
      responseCode: 0,
      raw: Buffer.concat([message.subarray(0, 2), Buffer.alloc(20, 0xff)]),
    });
    await expect(open().listZones()).rejects.toMatchObject({ problem: "unreadable" });
  });

  it("silence ends, and a port where nobody listens is unreachable", async () => {
    server.answer = () => ({ responseCode: 0, raw: Buffer.alloc(0) });
    await expect(open(50).listZones()).rejects.toMatchObject({ problem: "unreachable", kind: "temporary" });
    const nobody = openRfc2136({
      host: "127.0.0.1",
      port: 1,
      key,
      zones: ["a.example"],
      now: () => now,
    });
    await expect(nobody.listZones()).rejects.toMatchObject({ problem: "unreachable" });
  });
});

it.each<[WireType, string]>([
  ["A", "192.0.2.1"],
  ["AAAA", "2001:db8::1"],
  ["AAAA", "::1"],
  ["CNAME", "a.example"],
  ["MX", "10 mail.a.example"],
  ["MX", "0 ."],
  ["SRV", "0 1 993 mail.a.example"],
  ["TXT", `v=DKIM1; p=${"A".repeat(600)}`],
  ["TXT", ""],
  ["TXT", "\u00e9\u4e16"],
  ["CAA", '128 issue "ca.example; validationmethods=dns-01"'],
  ["TLSA", "3 1 1 abcdef"],
  ["SSHFP", "4 2 abcdef"],
])("%s %s survives the way over the wire", (type, value) => {
  expect(decodeData(type, encodeData(type, value))).toBe(value);
});
