import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm, statfs, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { type AddressPair, gatewayAddress } from "./addresses.ts";
import type { AptProxy } from "./apt-proxy.ts";
import { memoryLimitFile } from "./cgroups.ts";
import { LabError } from "./command.ts";
import type { LabHost } from "./host.ts";
import type { LabNamespace } from "./namespace.ts";

/** Something that was broken on purpose. */
export interface Fault {
  /** Mends it. A second call does nothing. */
  end(): Promise<void>;
}

/** Stages of dpkg's work at which it can be made to give up; "configure" leaves packages unpacked but not set up. */
export type DpkgStage = "unpack" | "configure" | "remove";

/** Breaks hosts of one lab the way the world does. Powering off and on is on the host itself. */
export class LabFaults {
  readonly #lab: string;
  readonly #namespace: LabNamespace;
  readonly #apt: AptProxy | undefined;

  constructor(parts: { lab: string; namespace: LabNamespace; apt: AptProxy | undefined }) {
    this.#lab = parts.lab;
    this.#namespace = parts.namespace;
    this.#apt = parts.apt;
  }

  /** Pulls the network cable for this long and puts it back. */
  async cutLink(host: LabHost, forMs: number): Promise<void> {
    await host.setLink("down");
    try {
      await pause(forMs);
    } finally {
      await host.setLink("up");
    }
  }

  /** Lets only so much through the host's cable, in bits per second, towards the host. */
  async slowLink(host: LabHost, bitsPerSecond: number): Promise<Fault> {
    const device = `v${host.description.number}`;
    const shape = ["tbf", "rate", `${bitsPerSecond}bit`, "burst", "16kb", "latency", "400ms"];
    await this.#namespace.must(["tc", "qdisc", "replace", "dev", device, "root", ...shape]);
    return mendOnce(async () => {
      await this.#namespace.must(["tc", "qdisc", "del", "dev", device, "root"]);
    });
  }

  /** Drops what the host sends to this port of others, as many providers do with port 25. The host cannot see it. */
  async blockOutward(host: LabHost, port = 25): Promise<Fault> {
    const table = `block_${host.description.number}_${port}`;
    const device = `v${host.description.number}`;
    const rules = [
      `add table bridge ${table}`,
      `add chain bridge ${table} out { type filter hook prerouting priority 0; policy accept; }`,
      `add rule bridge ${table} out iifname ${device} ip protocol tcp tcp dport ${port} drop`,
      `add rule bridge ${table} out iifname ${device} ip6 nexthdr tcp tcp dport ${port} drop`,
      "",
    ].join("\n");
    await this.#nft(["-f", "-"], rules);
    return mendOnce(() => this.#nft(["delete", "table", "bridge", table]));
  }

  /** Refuses every connection to a port of an address of the lab's own, like a provider whose API is down. */
  async refuseConnections(address: string, port: number): Promise<Fault> {
    const table = `refuse_${port}`;
    const rules = [
      `add table inet ${table}`,
      `add chain inet ${table} in { type filter hook input priority 0; policy accept; }`,
      `add rule inet ${table} in ip daddr ${address} tcp dport ${port} reject with tcp reset`,
      "",
    ].join("\n");
    await this.#nft(["-f", "-"], rules);
    return mendOnce(() => this.#nft(["delete", "table", "inet", table]));
  }

  /** Lets the host reach these addresses of others no more, and tells it so at once. */
  async cutOff(host: LabHost, { ipv4, ipv6 }: AddressPair): Promise<Fault> {
    const route = (verb: "add" | "del", address: string): Promise<unknown> =>
      this.#namespace.must(["ip", "-n", host.description.name, "route", verb, "unreachable", address]);
    await route("add", ipv4);
    await route("add", ipv6);
    return mendOnce(async () => {
      await route("del", ipv4);
      await route("del", ipv6);
    });
  }

  /** Takes IPv6 away from the host, as on a server that was never given any. */
  async dropIpv6(host: LabHost): Promise<Fault> {
    const { name, ipv6 } = host.description;
    const set = (isOff: boolean): Promise<unknown> =>
      this.#namespace.must([
        ...["ip", "netns", "exec", name, "sysctl", "-qw"],
        `net.ipv6.conf.eth0.disable_ipv6=${isOff ? 1 : 0}`,
      ]);
    await set(true);
    return mendOnce(async () => {
      await set(false);
      await this.#namespace.must(["ip", "-n", name, "addr", "add", `${ipv6}/64`, "dev", "eth0", "nodad"]);
      await this.#namespace.must(["ip", "-n", name, "route", "replace", "::/0", "via", gatewayAddress.ipv6]);
    });
  }

  /** Fills the host's disk to its last block. The file lies where the host cannot delete it. */
  async fillDisk(host: LabHost): Promise<Fault> {
    const file = `/run/lab/guests/${host.name}/disk/filled`;
    const { bavail, bsize } = await statfs(this.#namespace.path(`/run/lab/guests/${host.name}/disk`));
    let filled = 0;
    // The host writes meanwhile and the file's own extents need room, so what is free is found by halving.
    for (let blocks = bavail; blocks >= 1; ) {
      const range = ["--offset", String(filled * bsize), "--length", String(blocks * bsize)];
      const { code } = await this.#namespace.run(["fallocate", ...range, file]);
      if (code === 0) filled += blocks;
      else blocks = Math.floor(blocks / 2);
    }
    return mendOnce(() => rm(this.#namespace.path(file), { force: true }));
  }

  /** Holds the locks of apt and dpkg, as another installation that is at work. */
  async holdAptLock(host: LabHost): Promise<Fault> {
    const argv = await host.enter(["perl", "-e", lockScript]);
    const [file = "", ...args] = argv;
    const holder = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(holder, "close");
    const [line] = (await Promise.race([once(holder.stdout, "data"), ended])) as [unknown];
    if (!String(line).startsWith("held"))
      throw new LabError(`The locks of apt on ${host.name} could not be taken.`);
    return mendOnce(async () => {
      holder.stdin.end();
      await ended;
    });
  }

  /** Makes the downloads of this lab's apt that match fail with an HTTP status. Only in the lab's own process. */
  failDownloads(matching: RegExp, status = 503): Fault {
    const apt = this.#apt;
    if (!apt) throw new LabError("Only the process that opened a lab can make its downloads fail.");
    apt.setMode({ kind: "failing", matching, status });
    return mendOnce(async () => apt.setMode({ kind: "online" }));
  }

  /** Makes dpkg give up when it comes to a stage, so that an installation ends half way. */
  async failDpkg(host: LabHost, stage: DpkgStage): Promise<Fault> {
    const path = "/etc/dpkg/dpkg.cfg.d/lab-fault";
    // dpkg(1), pre-invoke: a hook that fails stops dpkg before that action.
    await host.writeFile(path, `pre-invoke=test "$DPKG_HOOK_ACTION" != ${stage}\n`);
    return mendOnce(async () => {
      await host.must(["rm", "-f", path]);
    });
  }

  /**
   * Makes one service of the host believe in another time, by libfaketime, and restarts it. Fetches the library
   * by apt when the host has none. The host's own clock is this machine's and stays as it is.
   */
  async shiftClock(host: LabHost, unit: string, seconds: number): Promise<Fault> {
    const library = await this.#fakeTimeLibrary(host);
    const path = `/run/systemd/system/${unit}.d/lab-clock.conf`;
    const sign = seconds < 0 ? "" : "+";
    await host.writeFile(
      path,
      `[Service]\nEnvironment=LD_PRELOAD=${library}\nEnvironment=FAKETIME=${sign}${seconds}\nEnvironment=FAKETIME_DONT_FAKE_MONOTONIC=1\n`,
    );
    const apply = async (): Promise<void> => {
      await host.must(["systemctl", "daemon-reload"]);
      await host.must(["systemctl", "restart", unit]);
    };
    await apply();
    return mendOnce(async () => {
      await host.must(["rm", "-f", path]);
      await apply();
    });
  }

  /** Limits the memory of all that the host itself has started. Throws where the machine has no such controller. */
  async limitMemory(host: LabHost, bytes: number): Promise<Fault> {
    const file = memoryLimitFile(this.#lab, host.name);
    if (!file) throw new LabError("This machine has no memory controller for the lab's hosts.");
    await writeFile(file, String(bytes));
    return mendOnce(() => writeFile(file, file.endsWith("memory.max") ? "max" : "-1"));
  }

  async #fakeTimeLibrary(host: LabHost): Promise<string> {
    const find = async (): Promise<string | undefined> => {
      const { stdout } = await host.exec(["find", "/usr/lib", "-path", "*/faketime/libfaketime.so.1"]);
      return stdout.trim().split("\n")[0] || undefined;
    };
    const known = await find();
    if (known) return known;
    await host.must(["apt-get", "-q", "update"]);
    const environment = ["env", "DEBIAN_FRONTEND=noninteractive"];
    await host.must([
      ...environment,
      "apt-get",
      "-q",
      "-y",
      "--no-install-recommends",
      "install",
      "libfaketime",
    ]);
    const made = await find();
    if (!made) throw new LabError(`${host.name} has no libfaketime, although apt has installed it.`);
    return made;
  }

  async #nft(args: readonly string[], input = ""): Promise<void> {
    await this.#namespace.must(["chroot", "/run/lab/infra/root", "nft", ...args], { input });
  }
}

function mendOnce(end: () => Promise<void>): Fault {
  let ended: Promise<void> | undefined;
  return {
    end: () => {
      ended ??= end();
      return ended;
    },
  };
}

/** Takes the three locks with fcntl, as apt does, and keeps them until its input ends. perl is in every Debian. */
const lockScript = `use Fcntl;
my @held;
for my $path ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/lib/apt/lists/lock") {
  open(my $file, "+>>", $path) or die "$path: $!";
  # struct flock on 64-bit Linux: type, whence, four bytes of padding, start, length, pid.
  my $flock = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0);
  fcntl($file, F_SETLK, $flock) or die "$path: $!";
  push @held, $file;
}
$| = 1;
print "held\\n";
1 while <STDIN>;
`;
