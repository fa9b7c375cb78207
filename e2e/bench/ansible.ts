import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../lab/command.ts";
import type { LabHost } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";

const ansiblePlaybook = "/usr/bin/ansible-playbook";
const playTimeoutMs = 300_000;

/** Debian's ansible, with a way into one host of the lab. */
export interface AnsibleRun {
  /** Where its playbooks may be written; it goes when this is closed. */
  readonly folder: string;
  /** Plays a playbook, with these variables in place of its own. Throws when a task failed. */
  play(playbook: string, variables?: Readonly<Record<string, string>>): Promise<Played>;
  close(): Promise<void>;
}

/** One play: its wall time from the start of the command to its end, and how many tasks changed something. */
export interface Played {
  readonly tookMs: number;
  readonly changed: number;
}

/** Installs ansible-core on this machine when it is missing, and gives it a way into the host by ssh. */
export async function prepareAnsible(lab: Lab, host: LabHost): Promise<AnsibleRun> {
  await ensureAnsible();
  const folder = await mkdtemp(join(tmpdir(), "mailstead-ansible-"));
  const key = join(folder, "key");
  await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
  const { stdout: publicKey } = await must(["cat", `${key}.pub`]);
  await host.exec(["mkdir", "-p", "-m", "700", "/root/.ssh"]);
  await host.writeFile("/root/.ssh/authorized_keys", publicKey);
  // The modules run on the host's own Python, as everywhere where ansible is used.
  await host.must(
    ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy", "install", "python3", "python3-apt"],
    {
      timeoutMs: playTimeoutMs,
    },
  );
  await mkdir(join(folder, "control"));
  const inventory = join(folder, "inventory");
  await writeFile(
    inventory,
    `${host.description.ipv4} ansible_user=root ansible_python_interpreter=/usr/bin/python3\n`,
  );
  const play = async (playbook: string, variables: Readonly<Record<string, string>> = {}) => {
    const argv = ["--extra-vars", JSON.stringify(variables), playbook];
    const begunAt = performance.now();
    const { code, stdout, stderr } = await lab.run(
      [ansiblePlaybook, "-i", inventory, "--private-key", key, ...argv],
      {
        timeoutMs: playTimeoutMs,
        env: {
          ...process.env,
          ANSIBLE_HOST_KEY_CHECKING: "False",
          // Its kindest settings: connections are kept and modules are piped.
          ANSIBLE_PIPELINING: "True",
          ANSIBLE_SSH_ARGS: "-o ControlMaster=auto -o ControlPersist=600s",
          ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, "control"),
          ANSIBLE_LOCALHOST_WARNING: "False",
        },
      },
    );
    const tookMs = performance.now() - begunAt;
    if (code !== 0) throw new Error(`ansible failed: ${stdout.slice(-2000)}${stderr.slice(-1000)}`);
    return { tookMs, changed: Number(/changed=(\d+)/.exec(stdout)?.[1] ?? Number.NaN) };
  };
  return { folder, play, close: () => rm(folder, { recursive: true, force: true }) };
}

async function ensureAnsible(): Promise<void> {
  const isThere = await access(ansiblePlaybook).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await must([
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-qy",
    "--no-install-recommends",
    "install",
    "ansible-core",
  ]);
}
