import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { badStates, defaultRolloutSettings, inFlightStates, type RolloutSettings } from "./rollout.ts";
import { type HostFate, RolloutWorld, type WorldMember } from "./rollout-world.testing.ts";

const fateOf = fc.oneof(
  { weight: 12, arbitrary: fc.constant<HostFate>("good") },
  {
    weight: 1,
    arbitrary: fc.constantFrom<HostFate>("bad-after", "fails", "silent", "sick-before", "away", "late"),
  },
);
const fleetOf = fc
  .array(fc.record({ wave: fc.nat(3), fate: fateOf, domain: fc.nat(20), group: fc.nat(20) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((members) =>
    members.map(({ wave, fate, domain, group }, number) => ({
      serverId: `server-${number}`,
      wave: number === 0 ? 0 : wave,
      // A canary is chosen among those within reach.
      fate:
        wave === 0 && fate === "away"
          ? ("good" as const)
          : number === 0 && fate === "away"
            ? ("good" as const)
            : fate,
      keepApart: [...(domain < 6 ? [`domain ${domain}`] : []), ...(group < 6 ? [`stand-ins ${group}`] : [])],
    })),
  );
const settingsOf = fc
  .record({
    inFlightMax: fc.integer({ min: 1, max: 8 }),
    badMax: fc.nat(3),
    checksMail: fc.boolean(),
    restoresBad: fc.boolean(),
  })
  .map((some): RolloutSettings => ({ ...defaultRolloutSettings, ...some }));

function check(promise: (world: RolloutWorld) => void): void {
  fc.assert(
    fc.property(fleetOf, settingsOf, (members, settings) => {
      const world = new RolloutWorld(members, settings);
      world.onLook = promise;
      world.run();
    }),
    { numRuns: 300 },
  );
}

const inFlight = ({ members }: RolloutWorld): WorldMember[] =>
  members.filter(({ state }) => inFlightStates.includes(state));

describe("a rollout, whatever its hosts do", () => {
  it("never has two in the middle of their change that stand in for each other", () => {
    check((world) => {
      const names = inFlight(world)
        // What goes wrong after its bake time is put back at once, while another may have begun.
        .filter(({ state }) => state !== "restoring")
        .flatMap(({ keepApart }) => keepApart);
      expect(new Set(names).size).toBe(names.length);
    });
  });

  it("leaves as it is whoever shares a name with one that is away, whatever else it shares", () => {
    check(({ members }) => {
      const away = members.filter(({ fate }) => fate === "away");
      for (const one of members) {
        const isAlone = away.some(
          (other) => other !== one && other.keepApart.some((name) => one.keepApart.includes(name)),
        );
        if (isAlone) expect(one.isChanged).toBe(false);
      }
    });
  });

  it("never has more in flight than it may", () => {
    check((world) =>
      // Who answers after it was given up is not asked to wait for room.
      expect(
        inFlight(world).filter(({ state, fate }) => state !== "restoring" && fate !== "late").length,
      ).toBeLessThanOrEqual(world.settings.inFlightMax),
    );
  });

  it("touches nobody of a wave before it is that wave's turn, and none beyond the canary while that has one that went wrong", () => {
    check(({ members, wave }) => {
      for (const one of members)
        if (one.wave > wave) expect(one.state === "waiting" || one.state === "left-out").toBe(true);
      const badCanary = members.some((one) => one.wave === 0 && badStates.includes(one.state));
      if (badCanary && wave === 0) expect(members.some((one) => one.wave > 0 && one.isChanged)).toBe(false);
    });
  });

  it("changes nobody whose mail was not well before", () => {
    check(({ members, settings }) => {
      if (!settings.checksMail) return;
      for (const { fate, isChanged } of members) if (fate === "sick-before") expect(isChanged).toBe(false);
    });
  });

  it("begins with nobody once more went wrong than may, over all waves", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, (members, settings) => {
        const world = new RolloutWorld(members, settings);
        let untouched = new Set(world.members);
        world.onLook = ({ state, members: now }) => {
          const bad = now.filter((one) => badStates.includes(one.state)).length;
          if (bad > settings.badMax) {
            expect(state).toBe("halted");
            expect(now.filter((one) => one.state === "waiting")).toEqual([...untouched]);
          }
          untouched = new Set(now.filter((one) => one.state === "waiting"));
        };
        world.run();
      }),
      { numRuns: 300 },
    );
  });

  it("comes to an end, or to where a person is needed, whoever falls silent", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, (members, settings) => {
        const world = new RolloutWorld(members, settings);
        expect(world.run(), JSON.stringify(world.decisions.at(-1))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("brings all of a good fleet to its end", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, (members, settings) => {
        const world = new RolloutWorld(
          members.map((member) => ({ ...member, fate: "good" as const })),
          settings,
        );
        world.run();
        expect(world.state).toBe("finished");
        expect(world.members.every(({ state, isChanged }) => state === "succeeded" && isChanged)).toBe(true);
      }),
    );
  });

  it("of what nobody can take back restores no one, holds to the same limits, and comes to an end when it is rolled back", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, fc.nat(60), (members, settings, looks) => {
        const world = new RolloutWorld(members, settings);
        world.hasWayBack = false;
        world.onLook = ({ members: now, settings: { inFlightMax } }) => {
          expect(now.some(({ state }) => state === "restoring" || state === "restored")).toBe(false);
          expect(inFlight(world).filter(({ fate }) => fate !== "late").length).toBeLessThanOrEqual(
            inFlightMax,
          );
        };
        world.run(looks);
        if (world.state !== "running" && world.state !== "halted") return;
        const changed = world.members.filter(({ isChanged }) => isChanged).length;
        world.state = "rolling-back";
        expect(world.run()).toBe(true);
        expect(world.state).toBe("rolled-back");
        expect(world.members.filter(({ isChanged }) => isChanged).length).toBeGreaterThanOrEqual(changed);
      }),
      { numRuns: 300 },
    );
  });

  it("goes back everywhere when it is told to", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, fc.nat(60), (members, settings, looks) => {
        const world = new RolloutWorld(
          members.map((member) => ({ ...member, fate: "good" as const })),
          settings,
        );
        world.run(looks);
        world.state = "rolling-back";
        expect(world.run()).toBe(true);
        expect(world.state).toBe("rolled-back");
        expect(world.members.filter(({ isChanged }) => isChanged)).toEqual([]);
      }),
    );
  });
});
