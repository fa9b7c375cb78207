import { expect, test } from "vitest";
import { networkOf } from "./network-of.ts";

test("an address is of the same network however it is written", () => {
  const network = "2001:0db8:0000::/48";
  for (const address of [
    "2001:db8::1",
    "2001:DB8:0:1::1",
    "2001:db8:0:ffff:1:2:3:4",
    "2001:0db8::",
    "2001:db8:0::9",
  ])
    expect(networkOf(address)).toBe(network);
  expect(networkOf("2001:db8:1::1")).not.toBe(network);
  expect(networkOf("::1")).toBe("0000:0000:0000::/48");
  expect(networkOf("203.0.113.9")).toBe("203.0.113.0/24");
});
