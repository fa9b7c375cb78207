import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { stackPaths } from "@mailstead/core/mail-flow";
import { syncPath } from "../platform/files.ts";
import type { Argv, Host } from "../platform/host.ts";
import { type CommandResult, runCommand } from "../platform/run-command.ts";
import { answerPackages, type FakeDebs } from "./fake-packages.ts";

/** What the fake system remembers; it lies in a file, so that it outlives a process that is killed. */
export interface FakeState {
  packages: Record<string, string>;
  units: Record<
    string,
    { isActive: boolean; isEnabled: boolean; starts: number; reloads: number; restarts?: number }
  >;
  owners: Record<string, { owner: string; group: string }>;
  packageRuns: number;
  /** Package work does not end: whoever waits for it gives up, and its unit runs on. */
  isDpkgStuck?: boolean;
  /** What Rspamd says of any message, as JSON; without it Rspamd does not answer. */
  rspamdScan?: string;
  /** No time server sets the clock. */
  isClockAlone?: boolean;
  /** What apt says that it would do. */
  aptSimulation?: string;
  /** What dpkg lists when it is asked for everything. */
  installed?: string;
  /** Of packages that are not installed, as apt's lists have them. */
  aptShow?: string;
  /** Changelogs that the archives keep, by package; without it nobody answers. */
  changelogs?: Record<string, string>;
  /** What dpkg has and a mirror offers, on a host whose packages have versions. */
  debs?: FakeDebs;
  /** Room that is left on the disk. */
  freeBytes?: number;
}

export interface FakeHost extends Host {
  readonly root: string;
  state(): FakeState;
  /** Text of a host's file, or null. */
  read(path: string): string | null;
  write(path: string, text: string): void;
  /** Files and folders that were put on disk by a sync of their own, in order. */
  readonly synced: string[];
}

const clockStartMs = 1_800_000_000_000;

/**
 * A double of a Debian system whose files lie under `root`: dpkg, apt, systemd and the stack's own checks answer as
 * the real ones do in what the agent asks of them. A size in main.cf that is no number fails Postfix's check, and the word
 * `zone-check-refuses` in a zone fails the check of zones, and the word
 * `refuses-to-serve` in any of a service's files keeps it from answering on its ports.
 */
export function openFakeHost(root: string): FakeHost {
  const path = (hostPath: string) => join(root, hostPath);
  const statePath = path("/fake-state.json");
  const read = (hostPath: string) =>
    existsSync(path(hostPath)) ? readFileSync(path(hostPath), "utf8") : null;
  const write = (hostPath: string, text: string) => {
    mkdirSync(dirname(path(hostPath)), { recursive: true });
    writeFileSync(`${path(hostPath)}.fake-new`, text);
    renameSync(`${path(hostPath)}.fake-new`, path(hostPath));
  };
  const state = (): FakeState => JSON.parse(readFileSync(statePath, "utf8")) as FakeState;
  const change = (edit: (state: FakeState) => void) => {
    const next = state();
    edit(next);
    write("/fake-state.json", JSON.stringify(next));
  };
  if (!existsSync(statePath)) layOut(write);
  let waitedMs = 0;
  const inode = (realPath: string) => String(statSync(realPath).ino);
  const host: FakeHost = {
    root,
    path,
    state,
    read,
    write,
    synced: [],
    async sync(realPath) {
      await syncPath(realPath);
      host.synced.push(`/${relative(root, realPath)}`);
    },
    nowUnixMs: () => clockStartMs + waitedMs + Math.round(performance.now()),
    async setOwner(realPath, owner) {
      change((next) => {
        next.owners[inode(realPath)] = { owner: owner.owner, group: owner.group };
      });
    },
    freeBytes: async () => state().freeBytes ?? 10 * 1024 ** 3,
    ownerOf: async (realPath) => state().owners[inode(realPath)] ?? { owner: "root", group: "root" },
    probe: async ({ port }) => {
      const { folder, greeting } = servers[port] ?? { folder: "/etc/none", greeting: "" };
      const isBroken = grep(path(folder), "refuses-to-serve");
      // Nobody is to wait for a service that never comes: each question makes it late.
      if (isBroken) waitedMs += 10_000;
      return isBroken ? { text: "", problem: "it closed the connection" } : { text: greeting, problem: null };
    },
    run: async (argv, options) => {
      // Nor for packages that never come.
      if (argv[1] === "show" && state().isDpkgStuck) waitedMs += 10 * 60_000;
      if (argv[0] === "knotc" && grep(path("/etc/knot"), "refuses-to-serve")) waitedMs += 10_000;
      if (argv[0] === stackPaths.danePolicies && grep(path("/etc/unbound"), "refuses-to-serve"))
        waitedMs += 10_000;
      return await answer({ argv, host, change, folder: options?.folder ?? root });
    },
  };
  return host;
}

const servers: Record<number, { folder: string; greeting: string }> = {
  25: { folder: "/etc/postfix", greeting: "220 mail ESMTP" },
  587: { folder: "/etc/postfix", greeting: "220 mail ESMTP" },
  993: { folder: "/etc/dovecot", greeting: "* OK ready" },
  80: { folder: "/etc/nginx", greeting: "HTTP/1.1 421 Misdirected Request" },
  443: { folder: "/etc/nginx", greeting: "HTTP/1.1 421 Misdirected Request" },
  11334: { folder: "/etc/rspamd", greeting: "HTTP/1.1 200 OK" },
};

function layOut(write: FakeHost["write"]): void {
  const empty: FakeState = { packages: {}, units: {}, owners: {}, packageRuns: 0 };
  write("/fake-state.json", JSON.stringify(empty));
  write("/etc/passwd", "root:x:0:0::/root:/bin/bash\n");
  write("/etc/group", "root:x:0:\n");
  write("/etc/hostname", "vps\n");
  write("/etc/hosts", "127.0.0.1\tlocalhost\n");
  write("/proc/sys/kernel/hostname", "vps\n");
}

interface Call {
  argv: Argv;
  host: FakeHost;
  /** Where the program works. */
  folder: string;
  change: (edit: (state: FakeState) => void) => void;
}

const good = (stdout = ""): CommandResult => ({ exitCode: 0, stdout, stderr: "", hasTimedOut: false });
const bad = (stderr: string): CommandResult => ({ exitCode: 1, stdout: "", stderr, hasTimedOut: false });

async function answer({ argv, host, change, folder }: Call): Promise<CommandResult> {
  const [program, ...args] = argv;
  const named = args.slice(args.indexOf("--") + 1);
  const ofPackages = answerPackages({ argv, host, change });
  if (ofPackages !== null) return ofPackages;
  switch (program) {
    case "dpkg-query": {
      const { packages, installed } = host.state();
      if (args.length === 2) return good(installed ?? listAll(packages));
      const lines = args
        .slice(2)
        .flatMap((name) => (packages[name] ? [`ii \t${name}\t${packages[name]}`] : []));
      return good(`${lines.join("\n")}\n`);
    }
    case "systemctl":
      return systemctl({ verb: args[0] ?? "", units: named, host, change });
    case "systemd-run":
      return await transientUnit({ argv: named as unknown as Argv, host, change, folder }, args);
    case "dpkg":
    case "journalctl":
      return good();
    case "timedatectl":
      return good(host.state().isClockAlone ? "no\n" : "yes\n");
    case "nice":
      return apt({ args, host, folder });
    case "sshd":
      return good(host.read("/etc/ssh/sshd_config") ?? "");
    case "hostname":
      host.write("/proc/sys/kernel/hostname", `${args[0]}\n`);
      return good();
    case "groupadd":
      host.write("/etc/group", `${host.read("/etc/group")}${named[0]}:x:5000:\n`);
      return good();
    case "useradd":
      host.write(
        "/etc/passwd",
        `${host.read("/etc/passwd")}${named[0]}:x:5000:5000::/var/vmail:/bin/false\n`,
      );
      return good();
    case "rspamc": {
      const { rspamdScan } = host.state();
      return rspamdScan === undefined ? bad("Connection refused") : good(rspamdScan);
    }
    case "knotc":
      return knotc(args, host);
    case stackPaths.danePolicies:
      return grep(host.path("/etc/unbound"), "refuses-to-serve")
        ? bad("the resolver gets no valid answer")
        : good();
    case "openssl":
      return argv.includes("-x509") ? await copyCertificate(argv) : await runCommand(argv);
    default:
      // cp acts on the paths they are given, which lie under the root.
      return await runCommand(argv);
  }
}

function listAll(packages: FakeState["packages"]): string {
  return Object.entries(packages)
    .map(([name, version]) => `ii \t${name}\tamd64\t${version}\t${name}\t${version}\n`)
    .join("");
}

/** What apt says when it is asked for something behind everything else. */
function apt({
  args,
  host,
  folder,
}: {
  args: readonly string[];
  host: FakeHost;
  folder: string;
}): CommandResult {
  const { aptSimulation = "", aptShow = "", changelogs } = host.state();
  if (args.includes("apt-cache")) return good(aptShow);
  if (!args.includes("changelog")) return good(aptSimulation);
  const missing: string[] = [];
  for (const asked of args.slice(args.indexOf("--") + 1)) {
    const text = changelogs?.[asked.split("=")[0] ?? ""];
    const reason = changelogs === undefined ? "Could not resolve 'changelogs.example'" : "404  Not Found";
    if (text === undefined)
      missing.push(`E: Failed to fetch x  Changelog unavailable for ${asked} (${reason})`);
    else writeFileSync(join(folder, `${asked.split("=")[0]}.changelog`), text);
  }
  return missing.length === 0 ? good() : { ...bad(missing.join("\n")), exitCode: 100 };
}

const certificates = new Map<string, Promise<[key: string, certificate: string]>>();

/** Makes a certificate by the real openssl once for each name in a process; all hosts of a test share it. */
async function copyCertificate(argv: Argv): Promise<CommandResult> {
  const after = (option: string) => argv[argv.indexOf(option) + 1] ?? "";
  const name = after("-subj");
  let made = certificates.get(name);
  if (made === undefined) {
    made = runCommand(argv).then(() => [
      readFileSync(after("-keyout"), "utf8"),
      readFileSync(after("-out"), "utf8"),
    ]);
    certificates.set(name, made);
  }
  const [key, certificate] = await made;
  writeFileSync(after("-keyout"), key);
  writeFileSync(after("-out"), certificate);
  return good();
}

function knotc(args: readonly string[], host: FakeHost): CommandResult {
  if (args[0] === "zone-status")
    return grep(host.path("/etc/knot"), "refuses-to-serve")
      ? good("[alpha.example.] role: master | serial: -\n")
      : good("[alpha.example.] role: master | serial: 1795918353\n");
  if (args.at(-1) === "CDS")
    return good(`[alpha.example.] alpha.example. 0 CDS 48918 13 2 ${"4BE1".repeat(16)}\n`);
  return good(
    `[alpha.example.] alpha.example. 300 DNSKEY 256 3 13 enNr\n[alpha.example.] alpha.example. 300 DNSKEY 257 3 13 a3Nr\n`,
  );
}

function systemctl(input: {
  verb: string;
  units: readonly string[];
  host: FakeHost;
  change: Call["change"];
}): CommandResult {
  const { verb, units, host, change } = input;
  if (verb === "show") {
    const { units: known } = host.state();
    return good(units.map((unit) => showUnit(unit, known[unit])).join("\n"));
  }
  change((state) => {
    for (const name of units) {
      const unit = state.units[name] ?? { isActive: false, isEnabled: false, starts: 0, reloads: 0 };
      state.units[name] = unit;
      if (verb === "enable") unit.isEnabled = true;
      if (verb === "mask") Object.assign(unit, { isActive: false, isEnabled: false });
      if (verb === "start" && !unit.isActive) unit.starts += 1;
      if (verb === "start" || verb === "restart") unit.isActive = true;
      if (verb === "restart" || verb === "reload-or-restart") unit.reloads += 1;
      if (verb === "restart") unit.restarts = (unit.restarts ?? 0) + 1;
    }
  });
  return good();
}

function showUnit(name: string, unit: FakeState["units"][string] | undefined): string {
  return `Id=${name}\nLoadState=loaded\nActiveState=${unit?.isActive ? "active" : "inactive"}\nSubState=${unit?.isActive ? "running" : "dead"}\nUnitFileState=${unit?.isEnabled ? "enabled" : "disabled"}\n`;
}

async function transientUnit(
  { argv, host, change }: Call,
  options: readonly string[],
): Promise<CommandResult> {
  const [program, ...args] = argv;
  if (!host.state().isDpkgStuck) {
    const ofPackages = answerPackages({ argv, host, change, options });
    if (ofPackages !== null) return toLog(host, options, ofPackages);
  }
  if (program === "install") host.write(args[3] ?? "", host.read(args[2] ?? "") ?? "");
  if (program === "rm") rmSync(host.path(args[2] ?? ""), { force: true });
  if (program === "apt-get" && args.includes("install") && host.state().isDpkgStuck) {
    const unit = options.find((option) => option.startsWith("--unit="))?.slice(7) ?? "";
    change((state) => {
      state.units[unit] = { isActive: true, isEnabled: false, starts: 1, reloads: 0 };
    });
    return { exitCode: null, stdout: "", stderr: "", hasTimedOut: true };
  }
  if (program === "apt-get" && args.includes("install")) {
    change((state) => {
      state.packageRuns += 1;
      for (const name of args.slice(args.indexOf("--") + 1)) state.packages[name] = "1.0-1";
    });
    for (const path of ["/etc/postfix/main.cf", "/etc/dovecot/dovecot.conf", "/etc/rspamd/rspamd.conf"])
      if (host.read(path) === null) host.write(path, "# as Debian ships it\n");
  }
  if (program === "apt-get" && args.includes("update")) host.write("/var/lib/apt/lists/deb_Packages", "");
  if (program === "nginx" && grep(host.path(stagedFolder(options)), "refuses-to-parse"))
    return bad('nginx: [emerg] unknown directive "refuses-to-parse" in /etc/nginx/mailstead/sites.conf:3');
  if (program === "kzonecheck") {
    const file = args.at(-1) ?? "";
    const lines = (host.read(file.replace("/etc/knot", stagedFolder(options))) ?? "").split("\n");
    const wrong = lines.findIndex((line) => line.includes("zone-check-refuses"));
    if (wrong >= 0)
      return bad(
        `error: zone loader, error in zone, file '${file}', line ${wrong + 1} (invalid text character)`,
      );
  }
  if (program === "postfix") {
    const lines = (host.read(join(stagedFolder(options), "main.cf")) ?? "").split("\n");
    const wrong = lines.findIndex((line) => /^message_size_limit = .*\D$/.test(line));
    if (wrong >= 0)
      return bad(
        `postfix: fatal: /etc/postfix/main.cf, line ${wrong + 1}: bad numerical configuration: ${lines[wrong]}`,
      );
  }
  return good();
}

/** Package work is told by the file that its unit writes. */
function toLog(host: FakeHost, options: readonly string[], result: CommandResult): CommandResult {
  const path = options
    .find((option) => option.startsWith("--property=StandardOutput=append:"))
    ?.split(":")[1];
  if (path !== undefined) host.write(path, `${result.stdout}${result.stderr}\n`);
  return { ...result, stdout: "", stderr: "" };
}

/** What a check of the agent's sees in the place of a service's folder. */
function stagedFolder(options: readonly string[]): string {
  const bound = options.find((option) => option.startsWith("--property=BindReadOnlyPaths="));
  return bound?.split("=")[2]?.split(":")[0] ?? "";
}

function grep(folder: string, word: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .some((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8").includes(word));
}
