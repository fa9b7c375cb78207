import type { Host } from "../platform/host.ts";

const fields = ["db:Status-Abbrev", "Package", "Version"];

/** Versions of those packages that are wholly installed; a half-configured one counts as absent. */
export async function readPackages(host: Host, names: readonly string[]): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const result = await host.run([
    "dpkg-query",
    "--show",
    `--showformat=${fields.map((field) => `\${${field}}`).join("\t")}\n`,
    ...names,
  ]);
  // Exit code 1 says that some are unknown, which is an answer.
  if (result.exitCode !== 0 && result.exitCode !== 1)
    throw new Error(`dpkg-query could not list packages: ${result.stderr.trim()}`);
  const versions: Record<string, string> = {};
  for (const line of result.stdout.split("\n")) {
    const [status, name, version] = line.split("\t");
    if (status?.trim() === "ii" && name && version) versions[name] = version;
  }
  return versions;
}
