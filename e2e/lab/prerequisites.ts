import { access, constants, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { areGroupsWritable } from "./cgroups.ts";
import { run } from "./command.ts";

export interface Prerequisite {
  /** The program that must be found, or the path of a file that must be there. */
  readonly program: string;
  /** The Debian package that brings it. */
  readonly debianPackage: string;
}

/** What the lab itself cannot do without. */
const labPrerequisites: readonly Prerequisite[] = [
  { program: "systemd-nspawn", debianPackage: "systemd-container" },
  { program: "mmdebstrap", debianPackage: "mmdebstrap" },
  { program: "ip", debianPackage: "iproute2" },
  { program: "socat", debianPackage: "socat" },
  { program: "openssl", debianPackage: "openssl" },
  { program: "ssh-keygen", debianPackage: "openssh-client" },
  { program: "pgrep", debianPackage: "procps" },
  { program: "flock", debianPackage: "util-linux" },
  { program: "dpkg-deb", debianPackage: "dpkg" },
  { program: "gpg", debianPackage: "gnupg" },
];

/** What the journeys and the contract tests of the queue need besides. */
const testPrerequisites: readonly Prerequisite[] = [
  { program: "chromium", debianPackage: "chromium" },
  { program: "redis-server", debianPackage: "redis-server" },
];

/** What runs the executables of the other architecture on this one. */
const arm64Prerequisites: readonly Prerequisite[] = [
  { program: "qemu-aarch64", debianPackage: "qemu-user" },
  { program: "/usr/aarch64-linux-gnu/lib/libc.so.6", debianPackage: "libc6-arm64-cross" },
];

export interface PrerequisiteReport {
  /** Packages that were installed now. */
  readonly installed: readonly string[];
  /** What is still missing, each as a sentence part that names it and the reason. Empty when all is there. */
  readonly missing: readonly string[];
}

/**
 * Why this machine cannot carry a lab, each reason by name; empty when it can. Changes nothing.
 */
export async function missingForLab(): Promise<string[]> {
  const reasons = await machineReasons();
  if (reasons.length > 0) return reasons;
  return (await missingOf(labPrerequisites)).map(sentencePart);
}

/** Why this machine cannot run programs for arm64, each reason by name; empty when it can. Changes nothing. */
export async function missingForArm64(): Promise<string[]> {
  return (await missingOf(arm64Prerequisites)).map(sentencePart);
}

const sentencePart = ({ program, debianPackage }: Prerequisite): string =>
  `${program} is missing (apt install ${debianPackage})`;

/**
 * Installs by apt what the lab, the browser journeys and the Redis contract tests need, where it may: as root
 * on Debian. What it could not bring is named in the report; it does not throw.
 */
export async function installPrerequisites(
  log: (line: string) => void = () => undefined,
): Promise<PrerequisiteReport> {
  const { toInstall, missing } = planInstallation({
    lab: await missingOf(labPrerequisites),
    others: await missingOf([...testPrerequisites, ...arm64Prerequisites]),
    aptReasons: await aptReasons(),
    labReasons: await machineReasons(),
  });
  if (toInstall.length === 0) return { installed: [], missing };
  const packages = toInstall.map(({ debianPackage }) => debianPackage);
  log(`installing ${packages.join(", ")}`);
  const problem = await aptInstall(packages);
  const left = await missingOf(toInstall);
  return {
    installed: toInstall.filter((one) => !left.includes(one)).map(({ debianPackage }) => debianPackage),
    missing: [
      ...missing,
      ...left.map(({ program }) => `${program} is missing${problem ? `: ${problem}` : ""}`),
    ],
  };
}

/**
 * What apt is to bring, and what will be missing whatever it brings. A machine that cannot carry a lab gets the browser,
 * Redis and the emulator all the same.
 */
export function planInstallation(machine: {
  /** What is not there yet, for the lab and for everything else. */
  readonly lab: readonly Prerequisite[];
  readonly others: readonly Prerequisite[];
  /** Why nothing can be installed here, and why no lab can run here; empty when it can. */
  readonly aptReasons: readonly string[];
  readonly labReasons: readonly string[];
}): { readonly toInstall: readonly Prerequisite[]; readonly missing: readonly string[] } {
  const { lab, others, aptReasons, labReasons } = machine;
  const named = (prerequisites: readonly Prerequisite[]) =>
    prerequisites.map(({ program }) => `${program} is missing`);
  if (aptReasons.length > 0)
    return { toInstall: [], missing: [...labReasons, ...named([...lab, ...others])] };
  if (labReasons.length > 0) return { toInstall: others, missing: [...labReasons, ...named(lab)] };
  return { toInstall: [...lab, ...others], missing: [] };
}

/** Why apt cannot be used, each reason by name. */
async function aptReasons(): Promise<string[]> {
  if (process.platform !== "linux") return [`the lab needs Linux, this is ${process.platform}`];
  const reasons: string[] = [];
  if (process.getuid?.() !== 0) reasons.push("the lab needs root");
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (!/^ID=debian$/m.test(release)) reasons.push("the lab needs Debian");
  return reasons;
}

/** Why no lab can run here. It needs what apt needs, since its images are Debian's and its namespaces are root's. */
async function machineReasons(): Promise<string[]> {
  const reasons = await aptReasons();
  if (reasons.length > 0) return reasons;
  const probe = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "true"];
  const unshare = await run(probe).catch((cause: Error) => ({ code: 1, stderr: cause.message }));
  if (unshare.code !== 0) reasons.push(`this machine refuses namespaces: ${unshare.stderr.trim()}`);
  if (!(await areGroupsWritable())) reasons.push("this machine's control groups cannot be written");
  return reasons;
}

/** Which of them are not on this machine. */
export async function missingOf(prerequisites: readonly Prerequisite[]): Promise<Prerequisite[]> {
  const folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  const found = await Promise.all(
    prerequisites.map(async ({ program }) => {
      const tries = folders.map((folder) =>
        access(resolve(folder, program), constants.R_OK).then(() => true),
      );
      return (await Promise.allSettled(tries)).some((attempt) => attempt.status === "fulfilled");
    }),
  );
  return prerequisites.filter((_, index) => !found[index]);
}

/** Installs packages. Returns what apt complained of, or undefined when it was content. */
export async function aptInstall(packages: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"];
  const install = [...apt, "-y", "--no-install-recommends", "install", ...packages];
  const options = { env, timeoutMs: 15 * 60_000 };
  // The lists may be old or absent: only a refused install is a reason to fetch them.
  if ((await run(install, options)).code === 0) return undefined;
  const update = await run([...apt, "update"], options);
  const second = await run(install, options);
  if (second.code === 0) return undefined;
  const words = (second.stderr || update.stderr).trim().split("\n");
  return words.find((line) => line.startsWith("E:")) ?? words.at(-1);
}
