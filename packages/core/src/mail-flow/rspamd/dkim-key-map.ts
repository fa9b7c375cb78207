import type { TargetDomain } from "../../servers/index.ts";
import { fileNotice } from "../rendered-file.ts";
import { dkimKeyPath, stackPaths } from "../stack-paths.ts";

/** Where Rspamd finds which keys sign the mail of which domain. */
export const dkimKeyMapPath = `${stackPaths.rspamdMaps}/dkim-keys.map`;

/**
 * Domain to the selectors that sign its mail, comma separated; a key that signs under another name than its own follows
 * a colon. Rspamd reads a changed map without a reload.
 */
export function renderDkimKeyMap(domains: readonly TargetDomain[]): string {
  const lines = domains
    .map((domain) => ({
      name: domain.name,
      selectors: domain.dkimKeys.filter((key) => key.isSigning).map(selectorAndKey),
    }))
    .filter((domain) => domain.selectors.length > 0)
    .map((domain) => `${domain.name} ${domain.selectors.join(",")}\n`);
  return fileNotice + lines.join("");
}

/** A private key that a host's own map has sign. */
export interface MappedDkimKey {
  domain: string;
  /** Under which it signs, and below which its record is looked up. */
  signsAs: string;
  path: string;
}

/** The keys that a map has sign, as it stands on a host; lines that are none of ours are passed over. */
export function readDkimKeyMap(map: string): MappedDkimKey[] {
  return map.split("\n").flatMap((line) => {
    const [domain = "", entries = "", ...more] = line.trim().split(/\s+/);
    if (domain === "" || domain.startsWith("#") || entries === "" || more.length > 0) return [];
    return entries.split(",").flatMap((entry) => {
      const [signsAs = "", selector = signsAs] = entry.split(":");
      return selector === "" ? [] : [{ domain, signsAs, path: dkimKeyPath(domain, selector) }];
    });
  });
}

function selectorAndKey({ selector, signsAs }: TargetDomain["dkimKeys"][number]): string {
  return signsAs === undefined ? selector : `${signsAs}:${selector}`;
}
