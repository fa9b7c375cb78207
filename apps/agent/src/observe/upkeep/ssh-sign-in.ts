import { readdir } from "node:fs/promises";
import type { SshSignIn } from "@mailstead/core/servers";
import { isMissing, pathExists } from "../../platform/files.ts";
import type { Host } from "../../platform/host.ts";

const configPath = "/etc/ssh/sshd_config";
const dropInFolder = "/etc/ssh/sshd_config.d";

/** The files that say it: sshd is asked anew only when one of these has changed. */
export async function sshSources(host: Host): Promise<string[]> {
  try {
    const names = (await readdir(host.path(dropInFolder))).sort();
    return [configPath, dropInFolder, ...names.map((name) => `${dropInFolder}/${name}`)];
  } catch (error) {
    if (isMissing(error)) return [configPath];
    throw error;
  }
}

/** How people sign in by SSH, as the server itself reads its files; null on a host without one, or when it cannot say. */
export async function readSshSignIn(host: Host): Promise<SshSignIn | null> {
  if (!(await pathExists(host.path(configPath)))) return null;
  const { exitCode, stdout } = await host.run(["sshd", "-T"], { timeoutMs: 5_000 });
  return exitCode === 0 ? parseSshd(stdout) : null;
}

/** Reads the answer of `sshd -T`: a keyword and its value on each line. What holds for some people only is not in it. */
export function parseSshd(text: string): SshSignIn {
  const lines = text.split("\n").map((line) => line.trim().toLowerCase());
  const answerTo = (keyword: string) =>
    lines.find((line) => line.startsWith(`${keyword} `))?.slice(keyword.length + 1) ?? "";
  // A list of methods joined by commas asks for all of them, so a password alone opens nothing there.
  const methods = answerTo("authenticationmethods").split(" ");
  const opens = (own: string) => methods.some((method) => ["any", "", own].includes(method));
  const isOn = (keyword: string) => answerTo(keyword) === "yes";
  // PAM's question is for the password unless somebody taught it another one.
  const isAskedByPam =
    isOn("kbdinteractiveauthentication") && isOn("usepam") && opens("keyboard-interactive");
  const takesPasswords = (isOn("passwordauthentication") && opens("password")) || isAskedByPam;
  const portsIn = (pattern: RegExp) => [
    ...new Set(
      lines
        .flatMap((line) => pattern.exec(line)?.[1] ?? [])
        .map(Number)
        .filter((port) => port > 0 && port <= 65_535),
    ),
  ];
  // An address may name a port of its own, and then nobody listens on the one of `port`.
  const listening = portsIn(/^listenaddress .*:(\d+)$/);
  return {
    ports: (listening.length > 0 ? listening : portsIn(/^port (\d+)$/)).slice(0, 16),
    takesPasswords,
    takesPasswordOfRoot: takesPasswords && answerTo("permitrootlogin") === "yes",
  };
}
