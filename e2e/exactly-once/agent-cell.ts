import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The compiled agent with a root folder of its own, in which it sees a Debian host with a mail log. */
export interface AgentCell {
  /** The mail log, as this machine reaches it. */
  readonly logPath: string;
  readonly storePath: string;
  enrol(token: string, url: string): Promise<void>;
  /** Starts the agent; it must not run. */
  start(): void;
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

const machineId = "0123456789abcdef0123456789abcdef";
/** The agent finds what it needs of the system read only; its own folders and /etc are the cell's. */
const enterScript = `set -e
mount --bind -o ro /usr "$0/usr"
mount --rbind /dev "$0/dev"
mount --rbind /proc "$0/proc"
exec chroot "$0" /opt/mailstead-agent "$@"`;

/** Makes the folders of a cell; only root can enter it. */
export function makeAgentCell(root: string, agentPath: string): AgentCell {
  const folders = ["usr", "dev", "proc", "opt", "tmp", "run", "etc/postfix", "var/lib", "var/log"];
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(root, name));
  copyFileSync(agentPath, join(root, "opt/mailstead-agent"));
  for (const name of ["passwd", "group"]) copyFileSync(`/etc/${name}`, join(root, "etc", name));
  writeFileSync(
    join(root, "etc/os-release"),
    'ID=debian\nVERSION_CODENAME=trixie\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
  );
  writeFileSync(join(root, "etc/machine-id"), `${machineId}\n`);
  writeFileSync(join(root, "etc/postfix/main.cf"), "maillog_file = /var/log/mail.log\n");
  writeFileSync(join(root, "var/log/mail.log"), "");
  const words = openSync(join(root, "agent.log"), "a");
  const run = (args: readonly string[]) => {
    const command = ["--mount", "--propagation", "private", "sh", "-c", enterScript, root, ...args];
    return spawn("unshare", command, { stdio: ["ignore", words, words], env: { PATH: process.env["PATH"] } });
  };
  let agent: ReturnType<typeof run> | null = null;
  return {
    logPath: join(root, "var/log/mail.log"),
    storePath: join(root, "var/lib/mailstead/telemetry.sqlite"),
    async enrol(token, url) {
      const [code] = await once(run(["enrol", "--token", token, "--url", url]), "exit");
      if (code !== 0) throw new Error(`The agent could not be enrolled; see ${join(root, "agent.log")}.`);
    },
    start() {
      agent = run(["run"]);
    },
    async end(signal) {
      if (agent === null || agent.exitCode !== null || agent.signalCode !== null) return;
      const gone = once(agent, "exit");
      agent.kill(signal);
      await gone;
    },
  };
}
