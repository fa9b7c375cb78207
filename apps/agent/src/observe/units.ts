import type { Host } from "../platform/host.ts";

export interface UnitState {
  isKnown: boolean;
  isActive: boolean;
  isFailed: boolean;
  isEnabled: boolean;
  isMasked: boolean;
  subState: string;
  /** Since when it is in its state; null when it never left the first. */
  sinceUnixMs: number | null;
  restarts: number;
}

const properties = "Id,Names,LoadState,ActiveState,SubState,UnitFileState,StateChangeTimestamp,NRestarts";

/** State of units by name, by one call of systemctl; a unit that systemd does not know is told as such. */
export async function readUnits(host: Host, names: readonly string[]): Promise<Record<string, UnitState>> {
  if (names.length === 0) return {};
  const result = await host.run([
    "systemctl",
    "show",
    "--timestamp=unix",
    `--property=${properties}`,
    "--",
    ...names,
  ]);
  if (result.exitCode !== 0)
    throw new Error(`systemctl could not tell the state of units: ${result.stderr.trim()}`);
  const states: Record<string, UnitState> = {};
  // Blocks come in the order of the names asked for, which is what an alias can be told apart by.
  const blocks = result.stdout.trimEnd().split("\n\n");
  for (const [index, name] of names.entries()) states[name] = parseBlock(blocks[index] ?? "");
  return states;
}

function parseBlock(block: string): UnitState {
  const values = Object.fromEntries(
    block.split("\n").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const since = /^@(\d+)/.exec(values["StateChangeTimestamp"] ?? "")?.[1];
  const unitFileState = values["UnitFileState"] ?? "";
  return {
    isKnown: values["LoadState"] === "loaded" || values["LoadState"] === "masked",
    isActive: values["ActiveState"] === "active" || values["ActiveState"] === "reloading",
    isFailed: values["ActiveState"] === "failed" || values["SubState"] === "auto-restart",
    isEnabled: ["enabled", "enabled-runtime", "static", "indirect", "alias", "generated"].includes(
      unitFileState,
    ),
    isMasked: values["LoadState"] === "masked",
    subState: values["SubState"] ?? "",
    sinceUnixMs: since === undefined ? null : Number(since) * 1000,
    restarts: Number(values["NRestarts"] ?? 0) || 0,
  };
}
