import { rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { settleForGood } from "../jobs/settle-for-good.ts";
import { pathExists } from "../platform/files.ts";
import { type Argv, type Host, realHost } from "../platform/host.ts";
import { HostRefusal, requireRoot } from "../platform/host-check.ts";
import { agentPaths } from "../platform/paths.ts";

const updaterTriggers = ["mailstead-updater.timer", "mailstead-updater.path", "mailstead-updater-trial.path"];
const updaterServices = ["mailstead-updater.service", "mailstead-updater-trial.service"];

// Keys of the mail server, its mailboxes and its configuration lie elsewhere, and stay; so does the owner's veto file.
const ownPaths = [
  "/etc/systemd/system/mailstead-agent.service",
  ...[...updaterTriggers, ...updaterServices].map((unit) => `/etc/systemd/system/${unit}`),
  "/usr/local/bin/mailstead-agent",
  "/usr/local/sbin/mailstead-agent",
  "/usr/lib/mailstead",
  agentPaths.identity,
  agentPaths.updaterSettings,
  "/var/lib/mailstead",
  "/run/mailstead",
] as const;

/** `uninstall [--yes]`: removes the agent; Postfix, Dovecot and Rspamd go on with the configuration they have. */
export async function uninstall(args: readonly string[]): Promise<number> {
  requireRoot();
  const host = realHost();
  console.log(
    "This removes the Mailstead agent, its identity and its journal from this host.\n" +
      "The mail server, its mailboxes, keys and configuration stay, and mail keeps flowing; nobody manages it then.",
  );
  if (!args.includes("--yes")) await requireConsent();
  const run = async (argv: Argv) => {
    const result = await host.run(argv);
    return result.exitCode === 0;
  };
  // First what would start the agent again.
  await run(["systemctl", "disable", "--now", "--", ...updaterTriggers]);
  await run(["systemctl", "stop", "--", ...updaterServices]);
  await run(["systemctl", "disable", "--now", "--", agentPaths.unit]);
  await settle(host);
  for (const path of ownPaths) {
    if (!(await pathExists(host.path(path)))) continue;
    await rm(host.path(path), { recursive: true, force: true });
    console.log(`removed ${path}`);
  }
  await run(["systemctl", "daemon-reload"]);
  console.log(
    "The agent is gone. The control plane shows this server as unreachable until it is removed there.",
  );
  return 0;
}

/** Leaves no half of a change behind: what was put aside for taking it back is removed with the agent. */
async function settle(host: Host): Promise<void> {
  try {
    await settleForGood(host, (line) => console.log(line));
  } catch (error) {
    throw new HostRefusal(
      `What the agent was in the middle of could not be taken back: ${(error as Error).message}. The agent is stopped and nothing of it was removed; \`systemctl enable --now ${agentPaths.unit}\` has it go on.`,
      { cause: error },
    );
  }
}

async function requireConsent(): Promise<void> {
  if (!process.stdin.isTTY)
    throw new HostRefusal(
      "Nobody is there to be asked; run `mailstead-agent uninstall --yes` to go on. Nothing was changed.",
    );
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Type yes to go on: ");
  terminal.close();
  if (answer.trim() !== "yes") throw new HostRefusal("Nothing was changed.");
}
