import { expect, test } from "vitest";
import { isOfFamilies, isPublicAddress } from "./public-address.ts";

test.each([
  ["198.51.100.11", true],
  ["172.32.0.1", true],
  ["2001:db8:51::b", true],
  ["10.1.2.3", false],
  ["172.16.0.1", false],
  ["192.168.1.1", false],
  ["127.0.0.1", false],
  ["100.64.0.1", false],
  ["169.254.1.1", false],
  ["::1", false],
  ["fe80::1", false],
  ["fd12::1", false],
])("%s may stand in DNS: %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});

test.each([
  ["dual", ["198.51.100.11", "2001:db8:51::b"]],
  ["ipv4-only", ["198.51.100.11"]],
  ["ipv6-only", ["2001:db8:51::b"]],
] as const)("a host that serves %s is found at %j", (families, found) => {
  expect(["198.51.100.11", "2001:db8:51::b"].filter(isOfFamilies(families))).toEqual(found);
});
