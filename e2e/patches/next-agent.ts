import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { parseManifest } from "@mailstead/core/agent-updates";
import { keyFilesOf, provideReleaseKeys } from "@mailstead/infra/release-keys";
import { type Platform, readSigningKey } from "@mailstead/infra/release-statement";
import { publishUpdates } from "@mailstead/infra/release-updates";
import type { ControlPlane } from "../control-plane/start.ts";

const platform: Platform = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const gzipLevel = 1;

/**
 * Has a control plane offer an agent of the next version, which is the one that it built with one text in the place of another
 * of the same length: what the executable renders by. Gives the version.
 */
export async function offerNextAgent(
  { dataDir }: Pick<ControlPlane, "dataDir">,
  { from, to }: { from: string; to: string },
): Promise<string> {
  const releasesDir = join(dataDir, "releases");
  const signed = await readFile(join(releasesDir, "agent-manifest"), "utf8");
  const manifest = parseManifest(signed.replace(/signature .*\n$/, ""));
  const former = manifest?.agents[platform];
  if (manifest == null || former === undefined) throw new Error(`No agent for ${platform} is offered.`);
  const version = manifest.version.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  const executable = gunzipSync(await readFile(join(releasesDir, former.file)));
  replaceAll(executable, manifest.version, version);
  replaceAll(executable, from, to);
  await mkdir(join(releasesDir, version), { recursive: true });
  const file = async (name: string, content: Buffer) => {
    await writeFile(join(releasesDir, version, name), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    return { file: `${version}/${name}`, sha256, sizeBytes: content.length };
  };
  const agent = await file("agent.gz", gzipSync(executable, { level: gzipLevel }));
  const updater = await file("mailstead-updater", await readFile(join(releasesDir, manifest.updater.file)));
  const nowUnixSeconds = Math.floor(Date.now() / 1000);
  const keys = provideReleaseKeys({
    files: keyFilesOf(join(dataDir, "release-key.pem")),
    signingKey: readSigningKey(join(dataDir, "signing-key.pem")).key,
    nowUnixSeconds,
  });
  publishUpdates({
    ...{ releasesDir, keys },
    files: { updater, agents: { [platform]: agent } },
    request: { version, rollsBackFrom: null, nowUnixSeconds },
  });
  return version;
}

/** The executable holds its sources as text, so that a text of the same length is put in without compiling again. */
function replaceAll(executable: Buffer, from: string, to: string): void {
  const [old, next] = [Buffer.from(from), Buffer.from(to)];
  if (old.length !== next.length || !executable.includes(old))
    throw new Error(`The agent does not hold ${from}, or ${to} has another length.`);
  for (let at = executable.indexOf(old); at >= 0; at = executable.indexOf(old, at + next.length))
    next.copy(executable, at);
}
