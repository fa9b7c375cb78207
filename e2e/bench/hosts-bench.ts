import { addDomain } from "@mailstead/services/domains";
import { createTenant } from "@mailstead/services/tenants";
import { startControlPlane } from "../control-plane/start.ts";
import { untilReleased } from "../control-plane/until-released.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { openLab } from "../lab/lab.ts";
import { PackageRepository } from "../lab/package-repository.ts";
import { installOn } from "../scene/install-on.ts";
import { openOperator } from "../scene/operator.ts";
import { untilQuiet } from "./ended-job.ts";
import type { ComparedHost } from "./hosts/compared-host.ts";
import { compareConverges } from "./hosts/converges.ts";
import { type HostsPart, readHostsBenchOptions } from "./hosts/options.ts";
import { compareUpgrades } from "./hosts/upgrades.ts";
import type { Bench, Measure } from "./measure.ts";

const suites = ["bookworm", "trixie"] as const satisfies readonly Suite[];

/**
 * The same work by us, by Debian's ansible and by apt alone, on the same hosts in turn. `--rounds=N` says how often,
 * `--only=converges,redis` measures these parts.
 */
export const hostsBench: Bench = {
  name: "hosts",
  isOnRequest: true,
  whyNot() {
    if (process.getuid?.() !== 0) return "real hosts need root.";
    try {
      readOptions();
      return null;
    } catch (problem) {
      return (problem as Error).message;
    }
  },
  async run(log) {
    const options = readOptions();
    const lab = await openLab({
      hosts: suites.map((suite) => ({ name: suite, suite, image: "stack" })),
      receivers: false,
    });
    try {
      const controlPlane = await startControlPlane({ lab });
      const operator = await openOperator(controlPlane);
      const repository = await PackageRepository.open(lab);
      try {
        await untilReleased(controlPlane);
        const { tenantId } = await createTenant(operator.ctx, { name: "Bench" });
        const measures: Measure[] = [];
        for (const suite of suites) {
          const serverId = await installOn({ lab, controlPlane, operator }, { name: suite, tenantId });
          await addDomain(operator.ctx, { tenantId, serverId, name: `${suite}.example` });
          await untilQuiet(controlPlane, serverId);
          const host = lab.host(suite);
          await repository.addTo(host);
          log(`${suite} serves mail`);
          const say = (line: string) => log(`${suite}: ${line}`);
          const { rounds } = options;
          const { ctx } = operator;
          const place = { lab, host, suite, controlPlane, ctx, serverId, repository, rounds, log: say };
          for (const part of options.parts) {
            const found = await compare(place, part);
            for (const { name, value, unit } of found) log(`${name}: ${value?.toFixed(2)} ${unit}`);
            measures.push(...found);
          }
        }
        return measures;
      } finally {
        await repository.close();
        await operator.close();
        await controlPlane.stop();
      }
    } finally {
      await lab.close();
    }
  },
};

const readOptions = () => readHostsBenchOptions(process.argv.slice(2));

function compare(place: ComparedHost, part: HostsPart): Promise<Measure[]> {
  return part === "converges" ? compareConverges(place) : compareUpgrades(place, part);
}
