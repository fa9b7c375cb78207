import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type AddressPair, aptProxyPort, gatewayAddress, resolverAddress } from "./addresses.ts";
import { guestLeader, makeGuestGroups } from "./cgroups.ts";
import { type CommandOptions, type CommandResult, LabError, must, run } from "./command.ts";
import type { GuestImage, Suite } from "./image-recipes.ts";
import type { LabNamespace } from "./namespace.ts";
import { type WaitOptions, waitFor } from "./wait-for.ts";

export interface HostDescription extends AddressPair {
  /** Short name, unique in the lab. */
  readonly name: string;
  /** Fully qualified; forward and reverse records agree with it. */
  readonly hostname: string;
  readonly suite: Suite;
  readonly image: GuestImage;
  readonly number: number;
  /** False on a host that was never given an IPv6 address, whatever `ipv6` says. */
  readonly hasIpv6: boolean;
}

const guestEnvironment = [
  "env",
  "-i",
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "USER=root",
  "LOGNAME=root",
  "SHELL=/bin/bash",
  "LANG=C.UTF-8",
];

/** One Debian host of a lab: a whole system with its own init, network, processes and disk. */
export class LabHost {
  readonly description: HostDescription;
  readonly #namespace: LabNamespace;
  readonly #lab: string;
  readonly #consolePath: string;

  constructor(input: {
    lab: string;
    labFolder: string;
    namespace: LabNamespace;
    description: HostDescription;
  }) {
    this.description = input.description;
    this.#lab = input.lab;
    this.#namespace = input.namespace;
    this.#consolePath = join(input.labFolder, `${input.description.name}.console`);
  }

  get name(): string {
    return this.description.name;
  }

  /** The host's disk as the lab sees it; it is there while the host is off, too. */
  get #root(): string {
    return `/run/lab/guests/${this.name}/root`;
  }

  /**
   * Runs a command as root on the host, about as fast as locally. Commands do not count towards the host's memory
   * limit; where that matters, run them by systemd-run. Throws LabError when the host is off.
   */
  async exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const { timeoutMs, ...rest } = options;
    const timed = timeoutMs ? ["timeout", "--kill-after=2", String(timeoutMs / 1000), ...argv] : argv;
    return run(await this.enter(timed), timeoutMs ? { ...rest, timeoutMs: timeoutMs + 5_000 } : rest);
  }

  /** Like exec, but throws LabError unless the command ends with status 0. Returns its standard output. */
  async must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
    const { timeoutMs, ...rest } = options;
    const timed = timeoutMs ? ["timeout", "--kill-after=2", String(timeoutMs / 1000), ...argv] : argv;
    return (await must(await this.enter(timed), timeoutMs ? { ...rest, timeoutMs: timeoutMs + 5_000 } : rest))
      .stdout;
  }

  /** The argument array that runs a command on the host, for a caller that spawns it with a terminal. */
  async enter(argv: readonly string[]): Promise<string[]> {
    const leader = await guestLeader(this.#lab, this.name);
    if (!leader) throw new LabError(`${this.name} is off.`);
    return ["nsenter", "-t", String(leader), "-a", "--", ...guestEnvironment, ...argv];
  }

  /** Reads a file of the host, running or not, as the host's own links lead to it. */
  async readFile(path: string): Promise<string> {
    return (await this.#onDisk(["cat", "--", path])).stdout;
  }

  /** Writes a file of the host, running or not, and makes its folder. */
  async writeFile(
    path: string,
    content: string | Uint8Array,
    options: { mode?: string } = {},
  ): Promise<void> {
    const script = 'mkdir -p -- "$(dirname -- "$1")" && cat >"$1" && chmod "$2" "$1"';
    await this.#onDisk(["sh", "-c", script, "write-file", path, options.mode ?? "644"], { input: content });
  }

  /** Copies a file of this machine to the host. */
  async copyIn(source: string, path: string, options: { mode?: string } = {}): Promise<void> {
    const content = await readFile(source).catch((cause: Error) => {
      throw new LabError(`${source} cannot be copied to ${this.name}: ${cause.message}`, { cause });
    });
    await this.writeFile(path, content, options);
  }

  /** True while the host's init runs. */
  async isRunning(): Promise<boolean> {
    return (await guestLeader(this.#lab, this.name)) !== undefined;
  }

  /** Boots the host and waits until its init has finished starting. */
  async start(options: WaitOptions = {}): Promise<void> {
    if (await this.isRunning()) return;
    const groups = await makeGuestGroups(this.#lab, this.name);
    this.#namespace.start(
      ["bash", "-c", bootScript, "lab-guest", this.#root, this.name, this.description.hostname, ...groups],
      this.#consolePath,
    );
    await this.waitReady(options);
  }

  /** Waits until the host has started and finished booting. A unit that failed to start is not waited for. */
  async waitReady(options: WaitOptions = {}): Promise<void> {
    const words = /^(running|degraded)/;
    await waitFor(
      `${this.name} to finish booting (its console is ${this.#consolePath})`,
      async () =>
        words.test(
          (await this.exec(["systemctl", "is-system-running", "--wait"], { timeoutMs: 15_000 })).stdout,
        ),
      { timeoutMs: 60_000, intervalMs: 50, ...options },
    );
  }

  /** Shuts the host down in order. */
  async stop(): Promise<void> {
    const leader = await guestLeader(this.#lab, this.name);
    if (!leader) return;
    await this.exec(["systemctl", "poweroff"]);
    await this.#waitGone(leader);
  }

  /** Pulls the plug: every process of the host ends at once. Written files stay as they are, synced or not. */
  async kill9(): Promise<void> {
    const leader = await guestLeader(this.#lab, this.name);
    if (!leader) return;
    process.kill(leader, "SIGKILL");
    await this.#waitGone(leader);
  }

  /** Reboots the host in order and waits until it is up again. */
  async reboot(options: WaitOptions = {}): Promise<void> {
    const leader = await guestLeader(this.#lab, this.name);
    await this.exec(["systemctl", "reboot"]);
    await waitFor(`${this.name} to reboot`, async () => {
      const next = await guestLeader(this.#lab, this.name);
      return next !== undefined && next !== leader;
    });
    await this.waitReady(options);
  }

  /** Connects or disconnects the host's network cable. */
  async setLink(state: "up" | "down"): Promise<void> {
    await this.#namespace.must(["ip", "link", "set", `v${this.description.number}`, state]);
  }

  /** Waits for a condition; see waitFor. */
  waitFor<T>(
    what: string,
    condition: () => Promise<T | undefined | false>,
    options?: WaitOptions,
  ): Promise<T> {
    return waitFor(`${this.name}: ${what}`, condition, options);
  }

  async #waitGone(leader: number): Promise<void> {
    await waitFor(
      `${this.name} to end`,
      async () => (await guestLeader(this.#lab, this.name)) !== leader && !(await this.#hasSupervisor()),
      { intervalMs: 20 },
    );
  }

  async #hasSupervisor(): Promise<boolean> {
    return (await this.#namespace.run(["pgrep", "-f", `^bash -c .*lab-guest ${this.#root} `])).code === 0;
  }

  async #onDisk(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    if (await this.isRunning()) return must(await this.enter(argv), options);
    return this.#namespace.must(["chroot", this.#root, ...argv], options);
  }
}

/**
 * Boots the system, again after each reboot (nspawn ends with 133 then). Each boot enters the host's own
 * control groups first, else all hosts would share one.
 */
const bootScript = `root=$1; name=$2; hostname=$3; shift 3
while :; do
  ( for group in "$@"; do echo 0 >"$group/cgroup.procs"; done
    exec env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -q -D "$root" --boot --register=no --keep-unit \\
      --network-namespace-path="/run/netns/$name" --machine="$name" --hostname="$hostname" --capability=CAP_NET_ADMIN \\
      --resolv-conf=off --timezone=off --link-journal=no --console=pipe )
  [ $? -eq 133 ] || break
done
`;

export interface NewHostInput {
  readonly namespace: LabNamespace;
  readonly description: HostDescription;
  readonly layers: readonly string[];
  /** Size of the host's disk, which lies in memory. */
  readonly diskSizeBytes: number;
  /** Files that make the lab's DNS root the one that the host believes in. */
  readonly rootFiles: Readonly<Record<string, string>>;
}

/** Makes a host's disk and network. It is not started. */
export async function makeHost(input: NewHostInput): Promise<void> {
  await makeDisk(input);
  await makeNetwork(input);
}

async function makeDisk({
  namespace,
  description,
  layers,
  diskSizeBytes,
  rootFiles,
}: NewHostInput): Promise<void> {
  const place = `/run/lab/guests/${description.name}`;
  await namespace.must(["mkdir", "-p", `${place}/disk`, `${place}/root`]);
  await namespace.must([
    "mount",
    "-t",
    "tmpfs",
    "-o",
    `mode=755,size=${diskSizeBytes}`,
    "tmpfs",
    `${place}/disk`,
  ]);
  await namespace.must(["mkdir", `${place}/disk/upper`, `${place}/disk/work`]);
  const overlay = `lowerdir=${layers.join(":")},upperdir=${place}/disk/upper,workdir=${place}/disk/work`;
  await namespace.must(["mount", "-t", "overlay", "overlay", "-o", overlay, `${place}/root`]);

  const short = description.hostname.split(".")[0] ?? description.name;
  const files: Record<string, string> = {
    ...rootFiles,
    "etc/hostname": `${description.hostname}\n`,
    "etc/hosts": `127.0.0.1 localhost\n127.0.1.1 ${description.hostname} ${short}\n\n::1 localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n`,
    "etc/machine-id": `${randomBytes(16).toString("hex")}\n`,
    "etc/resolv.conf": `nameserver ${resolverAddress.ipv4}\nnameserver ${resolverAddress.ipv6}\noptions edns0 trust-ad\n`,
    "etc/apt/apt.conf.d/00lab-proxy": `Acquire::http::Proxy "http://${gatewayAddress.ipv4}:${aptProxyPort}";\n`,
    "etc/dpkg/dpkg.cfg.d/lab-speed": "force-unsafe-io\n",
  };
  const outside = namespace.path(`${place}/root`);
  await appendFile(join(outside, "var/lib/dpkg/diversions"), diversions(Object.keys(rootFiles)));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(outside, path)), { recursive: true });
    await writeFile(join(outside, path), text);
  }
  await must([
    "ssh-keygen",
    "-q",
    "-t",
    "ed25519",
    "-N",
    "",
    "-f",
    join(outside, "etc/ssh/ssh_host_ed25519_key"),
  ]);
}

/**
 * Keeps packages that come later from writing over these files: a line each of the path, of where the package's file
 * goes instead, and of who wants that, which is the host's owner (dpkg-divert(1)).
 */
function diversions(paths: readonly string[]): string {
  return paths.map((path) => `/${path}\n/${path}.distrib\n:\n`).join("");
}

async function makeNetwork({ namespace, description }: NewHostInput): Promise<void> {
  const { name, number, ipv4, ipv6, hasIpv6 } = description;
  const settings = [
    "net.ipv6.conf.default.accept_dad=0",
    `net.ipv6.conf.default.disable_ipv6=${hasIpv6 ? 0 : 1}`,
  ];
  await namespace.must(["ip", "netns", "add", name]);
  await namespace.must(["ip", "netns", "exec", name, "sysctl", "-qw", ...settings]);
  await namespace.must(["ip", "-batch", "-"], {
    input: `link add v${number} type veth peer name eth0 netns ${name}\nlink set v${number} master lab0 up\n`,
  });
  const ipv6Lines = [`addr add ${ipv6}/64 dev eth0 nodad`, `route add ::/0 via ${gatewayAddress.ipv6}`];
  await namespace.must(["ip", "-n", name, "-batch", "-"], {
    input: [
      "link set lo up",
      "link set eth0 up",
      `addr add ${ipv4}/24 dev eth0`,
      `route add default via ${gatewayAddress.ipv4}`,
      ...(hasIpv6 ? ipv6Lines : []),
      "",
    ].join("\n"),
  });
}
