import { type ServiceContext, withTransaction } from "@mailstead/services/context";
import { enqueueJob } from "@mailstead/services/jobs";
import type { RepositoryPackage } from "../../lab/package-repository.ts";
import {
  aptInstall,
  beginWithOlder,
  installExactly,
  installedOfSource,
  type VersionPair,
} from "../../patches/version-pairs.ts";
import { prepareAnsible } from "../ansible.ts";
import { writeUpgradePlaybook } from "../ansible-playbook.ts";
import { untilEnded, untilQuiet } from "../ended-job.ts";
import type { Measure } from "../measure.ts";
import { alternate, type ComparedHost, ratioMeasure, timeMeasure } from "./compared-host.ts";

const aim = { kind: "at-most", value: 1.1 } as const;
const timeoutMs = 300_000;

/** The same packages brought from the same version to the same version by us, by apt alone and by ansible. */
export async function compareUpgrades(place: ComparedHost, source: string): Promise<Measure[]> {
  const { lab, host, suite, repository, rounds, controlPlane, serverId } = place;
  const pair = await beginWithOlder(host, { repository, source, suffix: "+bench1" });
  const { older, newer } = pair;
  // Somebody has just looked for updates, so that nobody has to fetch the lists.
  await host.must(["apt-get", "-q", "update"], { timeoutMs });
  const ansible = await prepareAnsible(lab, host);
  const playbook = await writeUpgradePlaybook(ansible.folder, newer);
  const onHost: number[] = [];
  /** Measures one way from the older versions, with nothing fetched; what the agent kept of the older ones stays. */
  const from = (upgrade: () => Promise<number>) => async (): Promise<number> => {
    await installExactly(host, older);
    await host.must(["apt-get", "clean"]);
    await host.must(["rm", "-f", ...newer.map(keptPath)]);
    await untilQuiet(controlPlane, serverId);
    const tookMs = await upgrade();
    await requireInstalled(place, source, newer);
    return tookMs;
  };
  try {
    const took = await alternate(place, {
      ours: from(async () => {
        const clickedAt = performance.now();
        const jobId = await orderUpdates(place.ctx, { serverId, packages: newer });
        const { outcome } = await untilEnded(controlPlane, jobId);
        onHost.push(outcome?.result?.tookMs ?? Number.NaN);
        return performance.now() - clickedAt;
      }),
      apt: from(async () => {
        const begunAt = performance.now();
        await host.must(["env", "DEBIAN_FRONTEND=noninteractive", ...aptInstall(newer)], { timeoutMs });
        return performance.now() - begunAt;
      }),
      ansible: from(async () => (await ansible.play(playbook)).tookMs),
    });
    const name = `${suite}: ${older.length} packages of ${source}`;
    return [
      timeMeasure(`${name}, from click to end`, took.ours, describePair(pair)),
      timeMeasure(
        `${name}, of it on the host`,
        onHost.slice(-rounds),
        "the way back is kept, units are looked at",
      ),
      timeMeasure(`${name}, by apt-get install`, took.apt),
      timeMeasure(`${name}, by ansible`, took.ansible),
      ratioMeasure(`${name}, ours over apt alone`, { of: took.ours, over: took.apt, aim }),
      ratioMeasure(`${name}, ansible over ours`, { of: took.ansible, over: took.ours, aim: null }),
    ];
  } finally {
    await installExactly(host, older);
    await ansible.close();
  }
}

/** The order that a rollout gives to a server when it is its turn. */
function orderUpdates(
  ctx: ServiceContext,
  { serverId, packages }: { serverId: string; packages: readonly RepositoryPackage[] },
): Promise<string> {
  return withTransaction(ctx, async (tx) => {
    const args = { packages: [...packages] };
    return (await enqueueJob(tx, ctx, { serverId, verb: "install-updates", args })).jobId;
  });
}

async function requireInstalled(
  { host }: ComparedHost,
  source: string,
  wanted: readonly RepositoryPackage[],
): Promise<void> {
  const installed = await installedOfSource(host, source);
  for (const { name, version } of wanted)
    if (installed.find((one) => one.name === name)?.version !== version)
      throw new Error(`${name} is not at ${version} after an upgrade.`);
}

function keptPath({ name, version, architecture }: RepositoryPackage): string {
  return `/var/lib/mailstead/kept-packages/${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`;
}

function describePair({ older, newer, isReal }: VersionPair): string {
  const versions = `${older[0]?.version} to ${newer[0]?.version}`;
  return isReal ? versions : `${versions}, packed anew`;
}
