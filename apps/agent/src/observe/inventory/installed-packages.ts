import { type InstalledPackage, installedPackageSchema } from "@mailstead/core/updates";
import type { Host } from "../../platform/host.ts";

const fields = ["db:Status-Abbrev", "Package", "Architecture", "Version", "source:Package", "source:Version"];

/** All packages that are wholly installed, and how many have a name or a version that is none in Debian. */
export async function readInstalledPackages(
  host: Host,
): Promise<{ packages: readonly InstalledPackage[]; unnamed: number }> {
  const result = await host.run([
    "dpkg-query",
    "--show",
    `--showformat=${fields.map((field) => `\${${field}}`).join("\t")}\n`,
  ]);
  if (result.exitCode !== 0)
    throw new Error(
      `dpkg-query could not list packages: ${result.stderr.trim() || "it did not end in time"}`,
    );
  const packages: InstalledPackage[] = [];
  let unnamed = 0;
  for (const line of result.stdout.split("\n")) {
    const [status = "", name, architecture, version, sourceName, sourceVersion] = line.split("\t");
    // The second letter is the state; the first is what somebody wishes, as to hold it.
    if (!/^.i\s*$/.test(status)) continue;
    const read = installedPackageSchema.safeParse({ name, architecture, version, sourceName, sourceVersion });
    if (read.success) packages.push(read.data);
    else unnamed += 1;
  }
  return { packages, unnamed };
}
