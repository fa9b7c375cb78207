import { expect } from "vitest";
import { installedOn, type Repacking } from "../lab/package-repository.ts";
import { type PatchFleet, patchedHosts, type RolloutEnd } from "./patch-fleet.ts";

/** The version of a package on each host of the fleet. */
export async function versionsOf(fleet: PatchFleet, name: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const host of fleet.hosts) found[host.name] = (await installedOn(fleet.host(host.name), name)).version;
  return found;
}

/** Offers each suite its own packages under newer versions. */
export async function offerToAll(fleet: PatchFleet, repacking: Repacking): Promise<void> {
  for (const suite of ["bookworm", "trixie"]) {
    const first = fleet.hosts.find((host) => host.suite === suite);
    if (first !== undefined) await fleet.repository.offer(fleet.host(first.name), repacking);
  }
}

export function canariesOf({ members }: RolloutEnd): string[] {
  return [...members].filter(([, { wave }]) => wave === 0).map(([name]) => name);
}

/** Canaries have what they had, and the others never saw the new version. */
export async function expectUntouched(fleet: PatchFleet, end: RolloutEnd, suffix: string): Promise<void> {
  expect(end.state, end.story).toBe("halted");
  expect(canariesOf(end), end.story).toHaveLength(2);
  for (const [name, { state, wave }] of end.members) {
    expect(state, `${name}: ${end.story}`).toBe(wave === 0 ? "restored" : "waiting");
    expect(await fleet.host(name).must(["dpkg", "--audit"]), end.story).toBe("");
    if (wave === 0) continue;
    const log = await fleet.host(name).readFile("/var/log/dpkg.log");
    expect(log).not.toContain(suffix);
  }
}

/** The suites of these hosts, in the order of their names. */
export function suitesOf(names: readonly string[]): string[] {
  return names.map((name) => patchedHosts.find((host) => host.name === name)?.suite ?? "").toSorted();
}
