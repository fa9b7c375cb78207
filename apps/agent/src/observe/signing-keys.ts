import { dkimKeyMapPath, type MappedDkimKey, readDkimKeyMap } from "@mailstead/core/mail-flow";
import { pathExists, readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

const toldMax = 20;

/** The keys that the host's own map has sign; none before anything signs. */
export async function readSigningKeys(host: Host): Promise<MappedDkimKey[]> {
  return readDkimKeyMap((await readTextIfExists(host.path(dkimKeyMapPath))) ?? "");
}

/** The names at which the world looks for keys that ought to sign and whose files are gone; a few, in the map's order. */
export async function readSigningKeysGone(host: Host): Promise<string[]> {
  const gone: string[] = [];
  for (const { domain, signsAs, path } of await readSigningKeys(host)) {
    if (gone.length === toldMax) break;
    if (!(await pathExists(host.path(path)))) gone.push(`${signsAs}._domainkey.${domain}`);
  }
  return gone;
}
