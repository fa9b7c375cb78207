import { expect, test } from "vitest";
import { planPromotion, type SeenDelegation, type ZoneHost } from "./index.ts";

const host = (id: string, address: string, nameServer = `${id}.msp.example`): ZoneHost => ({
  serverId: id,
  serverName: id,
  hostname: `${id}.msp.example`,
  nameServer,
  addresses: [address],
});
const signer = { keyTag: 1, algorithm: 13, digestType: 2, digest: "AA" };
const seen: SeenDelegation = {
  nameServers: ["a.msp.example", "b.msp.example"],
  glue: [],
  signers: [signer],
  saidBy: "above.example",
  servers: [
    { nameServer: "a.msp.example", address: "192.0.2.1", serial: null, problem: "does not answer" },
    { nameServer: "b.msp.example", address: "192.0.2.2", serial: 7, problem: null },
  ],
};
const base = {
  zone: "a.example",
  primary: host("a", "192.0.2.1"),
  secondary: host("b", "192.0.2.2"),
  follower: host("c", "192.0.2.3"),
  seen,
};

test("the secondary signs, another follows, and what is to be set by hand is told in order", () => {
  const plan = planPromotion(base);
  expect(plan).toMatchObject({
    primary: { serverId: "b" },
    secondary: { serverId: "c", nameServer: "c.msp.example" },
    delegation: { nameServers: ["b.msp.example", "c.msp.example"], glue: [] },
    signers: "standing",
    warning: null,
  });
  expect(plan.steps).toEqual([
    expect.stringMatching(/^First take away the DS record of a\.example .*\(1 13 2 AA\).* a day is safe/),
    "Set the name servers of a.example to b.msp.example and c.msp.example where the domain is registered.",
    expect.stringMatching(/^When both name servers show the same version, set the new DS record/),
  ]);
});

test("a name that was only lent to the old primary goes on, and its address changes above the zone", () => {
  const primary = host("a", "192.0.2.1", "ns1.a.example");
  const secondary = host("b", "192.0.2.2", "ns2.a.example");
  const plan = planPromotion({ ...base, primary, secondary, seen: { ...seen, signers: [] } });
  expect(plan.signers).toBe("none");
  // A press of "Check now" shows at once that it is away, and caches hold it for its time to live.
  expect(plan.steps[0]).toMatch(/^If a DS record of a\.example was taken away within the last day, wait/);
  expect(plan.steps[1]).toBe(
    "Set the addresses of the name servers (glue) where the domain is registered: ns2.a.example 192.0.2.2, ns1.a.example 192.0.2.3.",
  );
  expect(plan.steps).toHaveLength(3);
});

test("with the old primary as the one that follows, nothing but the DS record changes above the zone", () => {
  const plan = planPromotion({ ...base, follower: base.primary });
  expect(plan.delegation.nameServers).toEqual(["b.msp.example", "a.msp.example"]);
  expect(plan.steps).toHaveLength(2);
});

test("a primary that still answers is warned of, and one that nobody could be asked about is no reason to hurry", () => {
  const servers = seen.servers.map((server) => ({ ...server, problem: null }));
  expect(planPromotion({ ...base, seen: { ...seen, servers } }).warning).toMatch(
    /^a answered for a\.example/,
  );
  const elsewhere = { ...seen, nameServers: ["ns.other.example"] };
  expect(planPromotion({ ...base, seen: elsewhere }).warning).toMatch(/nothing is urgent/);
  expect(planPromotion({ ...base, seen: null })).toMatchObject({ signers: "unknown", warning: null });
});
