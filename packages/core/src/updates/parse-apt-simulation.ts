/** A package that apt would install or bring to another version. */
export interface SimulatedInstall {
  readonly name: string;
  readonly architecture: string;
  /** The version that is there; null where there is none. */
  readonly from: string | null;
  readonly to: string;
  /** Where it comes from, as `Debian-Security:12/oldstable-security`; several where several archives have it. */
  readonly origins: readonly string[];
  readonly isSecurity: boolean;
}

export interface AptSimulation {
  readonly installs: readonly SimulatedInstall[];
  readonly removals: readonly { readonly name: string; readonly version: string }[];
}

/**
 * Reads what `apt-get --simulate` would do. Lines of any other kind are passed over.
 * @example
 * parseAptSimulation("Inst libssl3 [3.0.15-1] (3.0.17-1 Debian-Security:12/oldstable-security [amd64])").installs[0]?.to
 */
export function parseAptSimulation(text: string): AptSimulation {
  const installs: SimulatedInstall[] = [];
  const removals: { name: string; version: string }[] = [];
  for (const line of text.split("\n")) {
    const install = /^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+) (?:(.*) )?\[([^\]\s]+)\]\)/.exec(line);
    if (install !== null) {
      const [, name = "", from, to = "", origin = "", architecture = ""] = install;
      installs.push({
        name: withoutArchitecture(name),
        architecture,
        from: from ?? null,
        to,
        origins: origin.split(", ").filter(Boolean),
        isSecurity: /\bDebian-Security:/.test(origin),
      });
      continue;
    }
    const [, name, version] = /^(?:Remv|Purg) (\S+) \[([^\]]*)\]/.exec(line) ?? [];
    if (name !== undefined && version !== undefined)
      removals.push({ name: withoutArchitecture(name), version });
  }
  return { installs, removals };
}

/** A package of another architecture than the host's has it behind its name. */
function withoutArchitecture(name: string): string {
  return name.replace(/:[^:]*$/, "");
}
