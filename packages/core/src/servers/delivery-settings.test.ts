import { describe, expect, test } from "vitest";
import { dnsForwarderSchema, holdsAt, tlsExceptionSchema, tlsExceptionsSchema } from "./delivery-settings.ts";

describe("resolvers that a host may be told to ask", () => {
  test.each(["192.0.2.53", "10.0.0.2", "2001:db8::53", "fd00::1"])("%s may be asked", (address) => {
    expect(dnsForwarderSchema.parse(address)).toBe(address);
  });

  test.each([
    ["dns.example", /"dns\.example" is no IP address of a resolver/],
    ["192.0.2.53@853", /is no IP address/],
    ['192.0.2.53\n    name: "x"', /is no IP address/],
    ["fe80::1%eth0", /is no IP address/],
    ["127.0.0.55", /leads to no other host/],
    ["0.0.0.0", /leads to no other host/],
    ["239.1.1.1", /leads to no other host/],
    ["::1", /leads to no other host/],
    ["FE80::1", /leads to no other host/],
    ["::ffff:127.0.0.1", /leads to no other host/],
  ])("%j is refused in a sentence", (address, sentence) => {
    expect(dnsForwarderSchema.safeParse(address).error?.issues[0]?.message).toMatch(sentence);
  });
});

describe("exceptions from TLS", () => {
  const exception = { domain: "partner.example", reason: "Wrong TLSA record", until: "2026-12-24" };

  test.each([
    [{ reason: "" }, /needs a reason/],
    [{ reason: "one\npartner2.example may" }, /one line/],
    [{ until: "soon" }, /the day on which an exception ends/],
    [{ domain: "partner" }, /at least two parts/],
    [{ domain: ".example" }, /./],
  ])("%j is refused", (change, sentence) => {
    expect(tlsExceptionSchema.safeParse({ ...exception, ...change }).error?.issues[0]?.message).toMatch(
      sentence,
    );
  });

  test("one domain is named once", () => {
    expect(tlsExceptionsSchema.safeParse([exception, exception]).error?.issues[0]?.message).toMatch(/once/);
  });

  test("one holds through its last day and no longer", () => {
    expect(holdsAt(exception, new Date("2026-12-24T23:59:59Z"))).toBe(true);
    expect(holdsAt(exception, new Date("2026-12-25T00:00:00Z"))).toBe(false);
  });
});
