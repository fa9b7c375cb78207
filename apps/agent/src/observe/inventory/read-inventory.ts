import { cutText } from "@mailstead/core/text";
import {
  compareVersions,
  fitInventory,
  type InstalledPackage,
  type Inventory,
  type SimulatedInstall,
  type WaitingUpdate,
} from "@mailstead/core/updates";
import { agentVersion } from "../../env.ts";
import type { Host } from "../../platform/host.ts";
import { type AptPlan, aptSources } from "./apt-plan.ts";
import type { AskedChangelog } from "./changelogs.ts";
import { readInstalledPackages } from "./installed-packages.ts";
import { type KnownChanges, learnChanges, nameOfChanges } from "./learn-changes.ts";
import { readOutdatedUnits } from "./outdated-units.ts";
import { readRestartMarks, restartSources } from "./restart-marks.ts";
import { readSourceNames } from "./source-names.ts";

/** While none of these has changed, neither has an inventory, but for processes that are restarted. */
export const inventorySources = [...aptSources, ...restartSources];

/** Looks at all the software of the host, and learns more of what waits for it. */
export async function readInventory({
  host,
  aptPlan,
  known,
}: {
  host: Host;
  aptPlan: AptPlan;
  known: KnownChanges;
}): Promise<{ inventory: Inventory; known: KnownChanges }> {
  const { packages, unnamed } = await readInstalledPackages(host);
  const installs = await aptPlan.read();
  const sources = await readSources(host, packages, installs ?? []);
  const forSecurityFirst = (installs ?? []).toSorted(
    (left, right) => Number(right.isSecurity) - Number(left.isSecurity),
  );
  const wanted = forSecurityFirst.flatMap((install) => changelogOf(install, sources) ?? []);
  const learned = await learnChanges(host, firstOfEach(wanted), known);
  const marks = await readRestartMarks(host);
  return {
    known: learned,
    inventory: fitInventory({
      at: host.nowUnixMs(),
      packages: [...packages],
      untoldPackages: unnamed,
      updates: installs?.map((install) => updateOf(install, sources, learned)) ?? null,
      ...marks,
      outdatedUnits: await readOutdatedUnits(host),
      agentVersion: cutText(agentVersion, 50),
      cves: learned.reading,
    }),
  };
}

interface Sources {
  /** Of each package that waits, by its name. */
  readonly ofPackage: ReadonlyMap<string, string>;
  /** The newest version of each source that something is installed of. */
  readonly installed: ReadonlyMap<string, string>;
}

async function readSources(
  host: Host,
  packages: readonly InstalledPackage[],
  installs: readonly SimulatedInstall[],
): Promise<Sources> {
  const ofPackage = new Map(packages.map(({ name, sourceName }) => [name, sourceName]));
  const installed = new Map<string, string>();
  for (const { sourceName, sourceVersion } of packages) {
    const before = installed.get(sourceName);
    if (before === undefined || compareVersions(before, sourceVersion) < 0)
      installed.set(sourceName, sourceVersion);
  }
  const unknown = installs.filter(({ name }) => !ofPackage.has(name));
  return { ofPackage: new Map([...ofPackage, ...(await readSourceNames(host, unknown))]), installed };
}

/** The changelog in which stands what an update brings; null where nothing of its source was there before. */
function changelogOf(
  { name, to }: SimulatedInstall,
  { ofPackage, installed }: Sources,
): AskedChangelog | null {
  const sourceName = ofPackage.get(name) ?? name;
  const from = installed.get(sourceName);
  if (from === undefined) return null;
  // A package that was only built once more has its old source.
  const isNewSource = compareVersions(to.replace(/\+b\d+$/, ""), from) > 0;
  return isNewSource ? { sourceName, packageName: name, from, to } : null;
}

/** One changelog for each source, where it was first wanted. */
function firstOfEach(wanted: readonly AskedChangelog[]): AskedChangelog[] {
  return [...new Map(wanted.toReversed().map((one) => [nameOfChanges(one), one])).values()].reverse();
}

function updateOf(install: SimulatedInstall, sources: Sources, { changes }: KnownChanges): WaitingUpdate {
  const { name, architecture, from, to, origins, isSecurity } = install;
  const asked = changelogOf(install, sources);
  const { urgency = null, cves = [] } = (asked === null ? null : changes[nameOfChanges(asked)]) ?? {};
  return {
    name,
    // What no host of ours has is left out where it is stored.
    architecture: architecture as WaitingUpdate["architecture"],
    from,
    to,
    origin: cutText(origins.join(", "), 300),
    isSecurity,
    urgency,
    cves,
    sourceName: sources.ofPackage.get(name) ?? name,
  };
}
