import type { SimulatedInstall } from "@mailstead/core/updates";
import type { Argv, Host } from "../../platform/host.ts";

const askedMax = 100;

/** Which source each of these packages is built from, by apt's lists; of those that are in none of them, nothing. */
export async function readSourceNames(
  host: Host,
  installs: readonly SimulatedInstall[],
): Promise<ReadonlyMap<string, string>> {
  if (installs.length === 0) return new Map();
  const asked = installs.slice(0, askedMax).map(({ name, to }) => `${name}=${to}`);
  const result = await host.run(["nice", "-n", "19", "apt-cache", "show", "--", ...asked] satisfies Argv);
  return parseSources(result.stdout);
}

/** Paragraphs of a list of packages (Debian Policy §5.3); a source of the package's own name is not written out. */
function parseSources(text: string): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const paragraph of text.split(/\n\n+/)) {
    const name = /^Package: (\S+)$/m.exec(paragraph)?.[1];
    if (name !== undefined) sources.set(name, /^Source: (\S+)/m.exec(paragraph)?.[1] ?? name);
  }
  return sources;
}
