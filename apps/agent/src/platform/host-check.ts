import { readFile } from "node:fs/promises";
import type { HostFacts, Suite } from "@mailstead/core/servers";
import { readTextIfExists } from "./files.ts";
import type { Host } from "./host.ts";

/** Refused before anything on the host changed; the message is the sentence for the person at the shell. */
export class HostRefusal extends Error {
  override readonly name = "HostRefusal";
}

export interface HostKind {
  suite: Suite;
  osName: string;
  architecture: HostFacts["architecture"];
  machineId: string;
}

/** What this host is. Throws HostRefusal when the agent cannot operate it. */
export async function checkHost(host: Host): Promise<HostKind> {
  const release = parseOsRelease((await readTextIfExists(host.path("/etc/os-release"))) ?? "");
  const osName = release["PRETTY_NAME"] ?? "an unknown system";
  const suite = release["VERSION_CODENAME"];
  if (release["ID"] !== "debian" || (suite !== "bookworm" && suite !== "trixie"))
    throw new HostRefusal(
      `Mailstead operates Debian 12 and Debian 13; this host is ${osName}. Nothing was changed.`,
    );
  const architecture = process.arch;
  if (architecture !== "x64" && architecture !== "arm64")
    throw new HostRefusal(
      `Mailstead runs on x86-64 and arm64; this host is ${architecture}. Nothing was changed.`,
    );
  const machineId = ((await readTextIfExists(host.path("/etc/machine-id"))) ?? "").trim();
  if (!/^[0-9a-f]{32}$/.test(machineId))
    throw new HostRefusal(
      "This host cannot identify itself: /etc/machine-id is empty. Run `systemd-machine-id-setup` and try again.",
    );
  return { suite, osName, architecture, machineId };
}

/** Throws HostRefusal unless the process is root. */
export function requireRoot(): void {
  if (process.getuid?.() !== 0)
    throw new HostRefusal("mailstead-agent needs root; run it again with sudo. Nothing was changed.");
}

/** Identifies this boot of the host; another after every restart. */
export async function readBootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

/** The assignments of an os-release(5) file. */
export function parseOsRelease(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
    if (match?.[1] !== undefined) values[match[1]] = match[2] ?? match[3] ?? match[4] ?? "";
  }
  return values;
}
