import fc from "fast-check";
import { expect, test } from "vitest";
import { clientNetwork, judgeSignIn, type SignInHistory } from "./index.ts";

const now = new Date("2026-11-20T12:00:00Z");
const attempts = (count: number) => ({ count, lastAt: count === 0 ? null : now });
const quiet: SignInHistory = {
  own: attempts(0),
  network: attempts(0),
  account: attempts(0),
  isKnownNetwork: false,
};

function delayMs(history: Partial<SignInHistory>): number {
  const turn = judgeSignIn({ ...quiet, ...history }, now);
  return turn.kind === "try" ? 0 : turn.until.getTime() - now.getTime();
}

test.each([
  ["198.51.100.7", "198.51.100.0/24"],
  ["::ffff:198.51.100.7", "198.51.100.0/24"],
  ["2001:db8:1:2:aaaa::7", "2001:0db8:0001:0002::/64"],
  ["2001:DB8:1:2::9", "2001:0db8:0001:0002::/64"],
  ["fe80::1%eth0", "fe80:0000:0000:0000::/64"],
  ["unknown", "unknown"],
])("the network of %s is %s", (address, network) => {
  expect(clientNetwork(address)).toBe(network);
});

test("a few failures cost nothing, and each one after them costs more, up to a bound", () => {
  expect([9, 10, 11, 12, 30].map((count) => delayMs({ own: attempts(count) }))).toEqual([
    0, 5_000, 10_000, 20_000, 900_000,
  ]);
});

test("a network that tries one account after the other is slowed too", () => {
  expect([99, 100, 101].map((count) => delayMs({ network: attempts(count) }))).toEqual([0, 5_000, 10_000]);
});

test("a delay ends", () => {
  const history = { ...quiet, own: attempts(10) };
  expect(judgeSignIn(history, new Date(now.getTime() + 4_999)).kind).toBe("wait");
  expect(judgeSignIn(history, new Date(now.getTime() + 5_000)).kind).toBe("try");
});

test("whatever others do to an account, it is open to networks that know it and to those that hardly failed", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(9), fc.nat(2), (others, ownOfKnown, ownOfStranger) => {
      expect(delayMs({ account: attempts(others), own: attempts(ownOfKnown), isKnownNetwork: true })).toBe(0);
      expect(delayMs({ account: attempts(others), own: attempts(ownOfStranger) })).toBe(0);
    }),
  );
});

test("a stranger may try less while many guess at the account", () => {
  expect(delayMs({ account: attempts(50), own: attempts(4) })).toBe(10_000);
  expect(delayMs({ account: attempts(49), own: attempts(4) })).toBe(0);
});

test("another failure never shortens a delay", () => {
  fc.assert(
    fc.property(
      fc.nat(300),
      fc.nat(300),
      fc.nat(300),
      fc.boolean(),
      (own, network, account, isKnownNetwork) => {
        const before = delayMs({
          own: attempts(own),
          network: attempts(network),
          account: attempts(account),
          isKnownNetwork,
        });
        const after = delayMs({
          own: attempts(own + 1),
          network: attempts(network + 1),
          account: attempts(account + 1),
          isKnownNetwork,
        });
        expect(after).toBeGreaterThanOrEqual(before);
      },
    ),
  );
});
