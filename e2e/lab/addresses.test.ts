import { describe, expect, it } from "vitest";
import { addressPair, reverseName, reverseZones } from "./addresses.ts";

describe("addresses of the lab", () => {
  it("have reverse names that lie in the lab's reverse zones", () => {
    const { ipv4, ipv6 } = addressPair(11);
    expect(reverseName(ipv4)).toBe("11.100.51.198.in-addr.arpa.");
    expect(reverseName(ipv6)).toBe(
      "1.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.5.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
    );
    expect(reverseName(ipv4).endsWith(`.${reverseZones[0]}.`)).toBe(true);
    expect(reverseName(ipv6).endsWith(`.${reverseZones[1]}.`)).toBe(true);
  });
});
