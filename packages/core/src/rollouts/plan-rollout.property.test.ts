import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RolloutChoice } from "./choice.ts";
import {
  type Brought,
  type PlannedUpdate,
  type PlanServer,
  planRollout,
  versionKey,
} from "./plan-rollout.ts";
import { defaultRolloutSettings, type RolloutSettings } from "./rollout.ts";

const sources = ["openssl", "dovecot", "postfix", "linux"];
const update = fc.record({
  at: fc.nat(sources.length - 1),
  to: fc.constantFrom("1.0-2", "1.0-2+deb12u1", "1.0-10"),
  origin: fc.constantFrom("Debian:12", "Debian-Security:12", "backports"),
});
/** What rollouts of other kinds bring, which is one thing in one version. */
const brings = fc.constantFrom<Brought | undefined>(
  undefined,
  { kind: "left-out", because: "It runs agent 2.0 already." },
  ...(["amd64", "arm64"] as const).map(
    (architecture): Brought => ({
      kind: "gets",
      version: { name: "mailstead-agent", architecture, from: "1.0", version: "2.0" },
    }),
  ),
);
const serverOf = fc.record({
  suite: fc.constantFrom("bookworm" as const, "trixie" as const),
  isOnline: fc.boolean(),
  isPreferredCanary: fc.boolean(),
  isStandInAway: fc.boolean(),
  exclusion: fc.constantFrom(null, null, null, "It is being moved."),
  startsAnewFor: fc.constantFrom(null, "6.1.0-31-amd64", "libc6"),
  brings,
  updates: fc.uniqueArray(update, { selector: ({ at }) => at, maxLength: 4 }),
});
const fleetOf = fc.array(serverOf, { maxLength: 60 }).map((servers): PlanServer[] =>
  servers.map(({ updates, brings: own, ...server }, number) => ({
    ...server,
    ...(own === undefined ? {} : { brings: own }),
    id: `server-${number}`,
    updates: updates.map(
      ({ at, to, origin }): PlannedUpdate => ({
        name: sources[at] ?? "",
        sourceName: sources[at] ?? "",
        architecture: "amd64",
        from: "1.0-1",
        to,
        origin,
        isSecurity: origin === "Debian-Security:12",
      }),
    ),
  })),
);
const settingsOf = fc
  .record({ serversMin: fc.integer({ min: 1, max: 3 }), share: fc.constantFrom(0.05, 0.3, 0.9) })
  .map(
    ({ serversMin, share }): RolloutSettings => ({
      ...defaultRolloutSettings,
      canary: { ...defaultRolloutSettings.canary, serversMin },
      waves: [
        { share, bakeTimeMs: 0, needsApproval: false },
        { share: 1, bakeTimeMs: 0, needsApproval: false },
      ],
    }),
  );
const choiceOf = fc.constantFrom<RolloutChoice>(
  { kind: "all" },
  { kind: "security" },
  { kind: "sources", sourceNames: ["openssl"] },
  { kind: "agents" },
  { kind: "configurations", revertsDrift: false },
);

describe("a plan", () => {
  it("gives nobody a version that is not also a canary's of the same distribution", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, choiceOf, (servers, settings, choice) => {
        const { members } = planRollout({ seed: "r", servers, choice }, settings);
        const suiteOf = new Map(servers.map(({ id, suite }) => [id, suite]));
        const keysOf = ({ serverId, packages }: (typeof members)[number]) =>
          packages.map((one) => versionKey(suiteOf.get(serverId) ?? "trixie", one));
        const proven = new Set(members.filter(({ wave }) => wave === 0).flatMap(keysOf));
        for (const key of members.flatMap(keysOf)) expect(proven).toContain(key);
      }),
    );
  });

  it("has each server with something to get once: as a member, or left out with a reason", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, (servers, settings) => {
        const plan = planRollout({ seed: "r", servers, choice: { kind: "all" } }, settings);
        const named = [...plan.members, ...plan.leftOut].map(({ serverId }) => serverId).toSorted();
        const wanted = servers
          .filter(({ updates }) => updates.length > 0)
          .map(({ id }) => id)
          .toSorted();
        expect(named).toEqual(wanted);
      }),
    );
  });

  it("of agents or configurations has each server that it is about once, and those alone", () => {
    const kinds = fc.constantFrom<RolloutChoice>(
      { kind: "agents" },
      { kind: "configurations", revertsDrift: true },
    );
    fc.assert(
      fc.property(fleetOf, settingsOf, kinds, (servers, settings, choice) => {
        const plan = planRollout({ seed: "r", servers, choice }, settings);
        const named = [...plan.members, ...plan.leftOut].map(({ serverId }) => serverId).toSorted();
        const meant = servers.filter((server) => server.brings !== undefined);
        expect(named).toEqual(meant.map(({ id }) => id).toSorted());
        const byId = new Map(servers.map((server) => [server.id, server]));
        for (const { serverId, packages } of plan.members) {
          const own = byId.get(serverId)?.brings;
          expect(own?.kind === "gets" ? [own.version] : []).toEqual(packages);
        }
      }),
    );
  });

  it("has only servers within reach as canaries, and none with an exclusion as a member", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, (servers, settings) => {
        const byId = new Map(servers.map((server) => [server.id, server]));
        for (const { serverId, wave } of planRollout(
          { seed: "r", servers, choice: { kind: "all" } },
          settings,
        ).members) {
          expect(byId.get(serverId)?.exclusion).toBeNull();
          if (wave === 0) expect(byId.get(serverId)?.isOnline).toBe(true);
        }
      }),
    );
  });

  it("keeps each wave within its share, beyond the canaries that it takes to prove all", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, (servers, settings) => {
        const { members } = planRollout({ seed: "r", servers, choice: { kind: "all" } }, settings);
        const canaries = members.filter(({ wave }) => wave === 0).length;
        for (const [at, { share }] of settings.waves.entries()) {
          const soFar = members.filter(({ wave }) => wave <= at + 1).length;
          expect(soFar).toBeLessThanOrEqual(Math.max(canaries, Math.ceil(share * members.length)));
        }
        expect(members.every(({ wave }) => wave <= settings.waves.length)).toBe(true);
      }),
    );
  });

  it("has every server that waits for a restart start anew, and for each reason one first", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, (servers, settings) => {
        const plan = planRollout({ seed: "r", servers, choice: { kind: "reboots" } }, settings);
        const byId = new Map(servers.map((server) => [server.id, server]));
        const reasonOf = ({ serverId }: { serverId: string }) =>
          `${byId.get(serverId)?.suite} ${byId.get(serverId)?.startsAnewFor}`;
        const proven = new Set(plan.members.filter(({ wave }) => wave === 0).map(reasonOf));
        for (const member of plan.members) expect(proven).toContain(reasonOf(member));
        const named = [...plan.members, ...plan.leftOut].length;
        expect(named).toBe(servers.filter(({ startsAnewFor }) => startsAnewFor !== null).length);
      }),
    );
  });

  it("is the same for the same rollout in whatever order the servers come, and another for another one", () => {
    fc.assert(
      fc.property(fleetOf, settingsOf, (servers, settings) => {
        const input = { seed: "r", choice: { kind: "all" as const } };
        expect(planRollout({ ...input, servers: servers.toReversed() }, settings).members).toEqual(
          planRollout({ ...input, servers }, settings).members,
        );
      }),
    );
    const servers = Array.from(
      { length: 40 },
      (_, number): PlanServer => ({
        id: `server-${number}`,
        suite: "bookworm",
        isOnline: true,
        isPreferredCanary: false,
        isStandInAway: false,
        exclusion: null,
        startsAnewFor: null,
        updates: [
          {
            name: "openssl",
            sourceName: "openssl",
            architecture: "amd64",
            from: "1",
            to: "2",
            origin: "Debian:12",
            isSecurity: false,
          },
        ],
      }),
    );
    const orderOf = (seed: string) =>
      planRollout({ seed, servers, choice: { kind: "all" } }, defaultRolloutSettings).members.map(
        ({ serverId }) => serverId,
      );
    expect(orderOf("one")).not.toEqual(orderOf("another"));
  });

  it("levels versions that servers learned at different times, and only within one origin", () => {
    const serverWith = (id: string, to: string, origin: string): PlanServer => ({
      id,
      suite: "bookworm",
      isOnline: true,
      isPreferredCanary: false,
      isStandInAway: false,
      exclusion: null,
      startsAnewFor: null,
      updates: [
        {
          name: "openssl",
          sourceName: "openssl",
          architecture: "amd64",
          from: "3.0.15-1~deb12u1",
          to,
          origin,
          isSecurity: true,
        },
      ],
    });
    const { members } = planRollout(
      {
        seed: "r",
        choice: { kind: "security" },
        servers: [
          serverWith("a", "3.0.16-1~deb12u1", "Debian-Security:12"),
          serverWith("b", "3.0.17-1~deb12u2", "Debian-Security:12"),
          serverWith("c", "3.5.1-1~bpo12+1", "backports"),
        ],
      },
      defaultRolloutSettings,
    );
    const versions = new Map(members.map(({ serverId, packages }) => [serverId, packages[0]?.version]));
    expect(versions).toEqual(
      new Map([
        ["a", "3.0.17-1~deb12u2"],
        ["b", "3.0.17-1~deb12u2"],
        ["c", "3.5.1-1~bpo12+1"],
      ]),
    );
  });
});
