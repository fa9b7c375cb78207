import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Argv } from "../platform/host.ts";
import type { CommandResult } from "../platform/run-command.ts";
import type { FakeHost, FakeState } from "./fake-host.ts";

/** A package as a mirror has it. Its .deb on the fake host is a file that holds this as JSON. */
export interface FakeDeb {
  name: string;
  architecture: string;
  version: string;
  /** Its maintainer script fails. */
  fails?: boolean;
  /** What apt would bring along, as `name version`. */
  brings?: readonly string[];
  /** What apt would remove. */
  removes?: readonly string[];
  /** The unit that its maintainer script stops and starts again; `down` where it does not come up with this version. */
  unit?: string;
  isDown?: boolean;
  /** A conffile of it, with the text that it ships. */
  conffile?: { path: string; text: string };
}

/** What the fake dpkg and apt know. */
export interface FakeDebs {
  /** By `name:architecture`; status as dpkg-query abbreviates it. */
  installed: Record<string, FakeDeb & { status: string; sizeKib: number }>;
  mirror: readonly FakeDeb[];
  /** What the package lists say; left out, they are as the mirror. */
  lists?: readonly FakeDeb[];
  automatic: string[];
}

const archives = "/var/cache/apt/archives";
const good = (stdout = ""): CommandResult => ({ exitCode: 0, stdout, stderr: "", hasTimedOut: false });
const failed = (stderr: string): CommandResult => ({ exitCode: 100, stdout: "", stderr, hasTimedOut: false });

interface Call {
  argv: Argv;
  host: FakeHost;
  change: (edit: (state: FakeState) => void) => void;
  /** Options of systemd-run, where it is run by that. */
  options?: readonly string[];
}

/** Answers as dpkg and apt do; null for any other program, and on a host whose packages nobody has laid out. */
export function answerPackages(call: Call): CommandResult | null {
  const { argv, host } = call;
  const { debs } = host.state();
  if (debs === undefined) return null;
  const [program, ...args] = argv;
  const named = args.includes("--") ? args.slice(args.indexOf("--") + 1) : [];
  switch (program) {
    case "dpkg-query":
      return query(debs, args[1] ?? "", named);
    case "dpkg-deb": {
      const deb = readDeb(host, args[1] ?? "");
      if (deb === null) return failed("dpkg-deb: error: not a Debian format archive");
      return good(`Package: ${deb.name}\nVersion: ${deb.version}\nArchitecture: ${deb.architecture}\n`);
    }
    case "dpkg": {
      const half = Object.values(debs.installed).filter(({ status }) => !/^.i /.test(status));
      if (args[0] === "--audit") return good(half.map(({ name }) => `${name}\n`).join(""));
      if (args.includes("--configure")) return configure(call);
      if (args.includes("--no-act")) return good();
      return install(call, args.slice(args.indexOf("--install") + 1));
    }
    case "apt-cache":
      return good(args.map((named) => recordOf(debs, named)).join("\n"));
    case "apt-mark": {
      if (args[0] === "showauto") return good(`${debs.automatic.join("\n")}\n`);
      edit(call, (next) => {
        next.automatic = [...new Set([...next.automatic, ...args.slice(1)])];
      });
      return good();
    }
    case "apt-get":
      return apt(call, args, named);
    default:
      return null;
  }
}

function apt(call: Call, args: readonly string[], named: readonly string[]): CommandResult {
  const { host } = call;
  if (args.includes("update")) {
    host.write("/var/lib/apt/lists/deb_Packages", "");
    edit(call, (debs) => {
      delete debs.lists;
    });
    return good();
  }
  if (args.includes("--simulate")) return simulate(call, named);
  if (args.includes("--download-only") || args.includes("download")) {
    const folder =
      call.options?.find((option) => option.startsWith("--property=WorkingDirectory="))?.split("=")[2] ??
      archives;
    const wanted = args.includes("download") ? args.filter((arg) => arg.includes("=")) : named;
    for (const argument of wanted.filter((arg) => !arg.startsWith("--"))) {
      const deb = find(host, argument);
      if (deb !== null) host.write(join(folder, fileName(deb)), JSON.stringify(deb));
    }
    return good();
  }
  if (args.includes("--fix-broken")) return configure(call);
  for (const argument of named.filter((one) => !one.startsWith("/"))) {
    const deb = find(host, argument);
    if (deb !== null) host.write(join(archives, fileName(deb)), JSON.stringify(deb));
  }
  return install(call, named);
}

function fileName({ name, version, architecture }: FakeDeb): string {
  return `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`;
}

function readDeb(host: FakeHost, path: string): FakeDeb | null {
  const text = host.read(path);
  return text?.startsWith("{") ? (JSON.parse(text) as FakeDeb) : null;
}

/** The package that an argument of apt means: `name:architecture=version`, or the path of a .deb. */
function find(host: FakeHost, argument: string): FakeDeb | null {
  if (argument.startsWith("/")) return readDeb(host, argument);
  const { debs } = host.state();
  const [, name, version] = /^([^:=]+)(?::[^=]+)?=(.*)$/.exec(argument) ?? [];
  const known = debs?.lists ?? debs?.mirror ?? [];
  return known.find((deb) => deb.name === name && deb.version === version) ?? null;
}

function simulate({ host }: Call, named: readonly string[]): CommandResult {
  const { debs } = host.state();
  const lines: string[] = [];
  for (const argument of named) {
    const deb = find(host, argument);
    const [name, version] = argument.split("=");
    if (deb === null) return failed(`E: Version '${version}' for '${name}' was not found`);
    const cutOff = Object.values(debs?.installed ?? {}).find(({ status }) => status.includes("R"));
    if (cutOff !== undefined)
      return failed(
        `E: The package ${cutOff.name} needs to be reinstalled, but I can't find an archive for it.`,
      );
    const from = debs?.installed[`${deb.name}:${deb.architecture}`]?.version;
    const was = from === undefined ? "" : `[${from}] `;
    lines.push(`Inst ${deb.name} ${was}(${deb.version} Debian:12/oldstable [${deb.architecture}])`);
    lines.push(`Conf ${deb.name} (${deb.version} Debian:12/oldstable [${deb.architecture}])`);
    for (const brought of deb.brings ?? [])
      lines.push(`Inst ${brought.replace(" ", " (")} Debian:12/oldstable [amd64])`);
    for (const removed of deb.removes ?? []) lines.push(`Remv ${removed} [1.0-1]`);
  }
  return good(`${lines.join("\n")}\n`);
}

function install(call: Call, named: readonly string[]): CommandResult {
  const { host, change } = call;
  const debs = named.map((argument) => find(host, argument));
  change((state) => {
    state.packageRuns += 1;
    for (const deb of debs) {
      if (deb === null || state.debs === undefined) continue;
      const key = `${deb.name}:${deb.architecture}`;
      const before = state.debs.installed[key];
      const status = deb.fails ? "iF " : "ii ";
      state.debs.installed[key] = { ...deb, status, sizeKib: before?.sizeKib ?? 100 };
      // As apt does with what it is told by name.
      state.debs.automatic = state.debs.automatic.filter((name) => name !== deb.name);
      const unit = state.units[deb.unit ?? ""];
      if (unit?.isActive) Object.assign(unit, { isActive: !deb.fails && !deb.isDown });
    }
  });
  for (const deb of debs) if (deb?.conffile !== undefined) bringConffile(host, deb.conffile);
  if (debs.some((deb) => deb?.fails)) return brokenPostinst(debs.find((deb) => deb?.fails)?.name ?? "");
  return good(debs.map((deb) => `Setting up ${deb?.name} (${deb?.version}) ...`).join("\n"));
}

/** An owner's file stays, and the package's lies beside it (dpkg(1), --force-confold). */
function bringConffile(host: FakeHost, { path, text }: { path: string; text: string }): void {
  if (host.read(path) !== text) host.write(`${path}.dpkg-dist`, text);
}

function configure(call: Call): CommandResult {
  const half = Object.values(call.host.state().debs?.installed ?? {}).filter(
    ({ status }) => !/^.i /.test(status),
  );
  const broken = half.find(({ fails }) => fails);
  if (broken !== undefined) return brokenPostinst(broken.name);
  edit(call, (debs) => {
    for (const deb of Object.values(debs.installed)) if (!/^.i /.test(deb.status)) deb.status = "ii ";
  });
  return good();
}

function brokenPostinst(name: string): CommandResult {
  return failed(
    `dpkg: error processing package ${name} (--configure):\n installed ${name} package post-installation script subprocess returned error exit status 1\nE: Sub-process /usr/bin/dpkg returned an error code (1)`,
  );
}

function query(debs: FakeDebs, showformat: string, named: readonly string[]): CommandResult {
  const format = showformat.replace("--showformat=", "");
  const lines = Object.entries(debs.installed)
    .filter(([key, { name }]) => named.length === 0 || named.includes(key) || named.includes(name))
    .map(([, deb]) =>
      format.replaceAll(/\$\{([^}]+)\}/g, (_whole, field: string) => {
        if (field === "Conffiles")
          return deb.conffile === undefined ? "" : `\n ${deb.conffile.path} 0123456789abcdef`;
        const values: Record<string, string> = {
          "db:Status-Abbrev": deb.status,
          Package: deb.name,
          Architecture: deb.architecture,
          Version: deb.version,
          "Installed-Size": String(deb.sizeKib),
        };
        return values[field] ?? "";
      }),
    );
  return good(lines.join(""));
}

function recordOf(debs: FakeDebs, argument: string): string {
  const [, name, version] = /^([^:=]+)(?::[^=]+)?=(.*)$/.exec(argument) ?? [];
  const deb = debs.mirror.find((known) => known.name === name && known.version === version);
  if (deb === undefined) return "";
  return `Package: ${deb.name}\nVersion: ${deb.version}\nArchitecture: ${deb.architecture}\nFilename: pool/${deb.name}.deb\n`;
}

function edit({ change }: Call, work: (debs: FakeDebs) => void): void {
  change((state) => {
    if (state.debs !== undefined) work(state.debs);
  });
}

/** The names of the .debs that the fake host keeps, in order. */
export function keptOn(host: FakeHost): string[] {
  const folder = host.path("/var/lib/mailstead/kept-packages");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
