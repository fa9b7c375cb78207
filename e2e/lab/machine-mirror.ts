import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "./command.ts";

export interface Mirror {
  /** Base address of the Debian archive, without a trailing slash. */
  readonly main: string;
  /** Base address of the security archive, or undefined when this machine uses none. */
  readonly security: string | undefined;
}

export interface AptEntry {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
}

/**
 * Reads from the machine's own apt sources which Debian mirror it uses, so that the lab asks no other.
 * Throws LabError when none of the sources is a Debian archive.
 */
export async function readMachineMirror(aptFolder = "/etc/apt"): Promise<Mirror> {
  const entries = (await readSources(aptFolder)).flatMap((file) =>
    file.path.endsWith(".sources") ? parseDeb822Sources(file.text) : parseOneLineSources(file.text),
  );
  const isDebian = (suite: string): boolean =>
    /^(bookworm|trixie|forky|stable|oldstable)(-updates)?$/.test(suite);
  const main = entries.find((entry) => entry.suites.some(isDebian))?.uris[0];
  const security = entries.find((entry) => entry.suites.some((suite) => suite.endsWith("-security")))
    ?.uris[0];
  if (!main) throw new LabError(`${aptFolder} names no Debian mirror, so the lab cannot build its images.`);
  return { main: main.replace(/\/+$/, ""), security: security?.replace(/\/+$/, "") };
}

async function readSources(aptFolder: string): Promise<{ path: string; text: string }[]> {
  const parts = await readdir(join(aptFolder, "sources.list.d")).catch(() => []);
  const paths = [
    join(aptFolder, "sources.list"),
    ...parts
      .filter((name) => name.endsWith(".list") || name.endsWith(".sources"))
      .map((name) => join(aptFolder, "sources.list.d", name)),
  ];
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
  return paths.map((path, index) => ({ path, text: texts[index] ?? "" }));
}

/** Parses apt's stanza format (sources.list(5), "deb822-style format"). Comments and unknown fields are skipped. */
export function parseDeb822Sources(text: string): AptEntry[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const line of stanza.split("\n")) {
      const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (match?.[1] && match[2] !== undefined) fields.set(match[1].toLowerCase(), match[2].trim());
    }
    const uris = fields.get("uris")?.split(/\s+/) ?? [];
    const suites = fields.get("suites")?.split(/\s+/) ?? [];
    return fields.get("enabled") === "no" || uris.length === 0 ? [] : [{ uris, suites }];
  });
}

/** Parses apt's one-line format. */
export function parseOneLineSources(text: string): AptEntry[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
    return match?.[1] && match[2] ? [{ uris: [match[1]], suites: [match[2]] }] : [];
  });
}
