import { spawn } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  type Delegation,
  delegationText,
  type Manifest,
  type ManifestFile,
  manifestText,
  rootKeyText,
  withSignature,
} from "@mailstead/core/agent-updates";

export const platform = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const updaterFile = join(import.meta.dirname, "..", "mailstead-updater");

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** How an agent of the tests behaves once systemd has started it. */
export type AgentConduct = "connects" | "crashes" | "never-connects" | "fails-self-test";

export interface Published {
  readonly manifest: Manifest;
  /** SHA-256 of the signed manifest, as an order names it. */
  readonly digest: string;
}

/**
 * A folder that the updater takes for a host, and a control plane that serves it. Its agents are scripts, and systemctl
 * is one that starts them; everything else is the real thing.
 */
export class UpdatedHost {
  readonly folder = mkdtempSync(join(tmpdir(), "mailstead-updater-"));
  readonly root = generateKeyPairSync("ed25519");
  readonly release = generateKeyPairSync("ed25519");
  readonly #server: Server;
  /** A test whose agent does not connect makes it short. */
  watchdogSeconds = 60;
  /** Changes what is served, path by path; null answers that there is nothing. */
  serve: (path: string, content: Buffer) => Buffer | null = (_path, content) => content;

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = (request.url ?? "").replace(/^\/releases\//, "");
      const file = join(this.folder, "served", path);
      const content = existsSync(file) ? this.serve(path, readFileSync(file)) : null;
      if (content === null) response.writeHead(404).end();
      else response.end(content);
    });
  }

  /** A host with agent 1.0.0, which manifest 10 brought. */
  static async open(): Promise<UpdatedHost> {
    const host = new UpdatedHost();
    await new Promise<void>((resolve) => host.#server.listen(0, "127.0.0.1", resolve));
    const { port } = host.#server.address() as AddressInfo;
    host.write(
      "etc/mailstead/updater",
      `control-url http://127.0.0.1:${port}\nroot-key ${rawKey(host.root.publicKey)}\nchannel stable\n`,
    );
    host.write("var/lib/mailstead/updater/installed", "version 1.0.0\nnumber 10\n");
    host.write("usr/lib/mailstead/versions/1.0.0/mailstead-agent", agentScript("1.0.0", "connects"), 0o755);
    host.write("usr/lib/mailstead/versions/1.0.0/mailstead-updater", readFileSync(updaterFile), 0o755);
    for (const name of ["mailstead-agent", "mailstead-updater"])
      symlinkSync(`versions/1.0.0/${name}`, join(host.folder, "usr/lib/mailstead", name));
    mkdirSync(join(host.folder, "etc/systemd/system"), { recursive: true });
    host.write("programs/systemctl", systemctlScript, 0o755);
    for (const program of ["sync", "mv", "ln"]) host.write(`programs/${program}`, stepScript(program), 0o755);
    host.delegate();
    return host;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Publishes that a root key gives its place to another, which counts from then on. */
  handOver(from: KeyPair, to: KeyPair, signer: KeyObject = from.privateKey): void {
    this.write(
      `served/root-key-after-${idOf(from.publicKey)}`,
      signed(rootKeyText(rawKey(to.publicKey)), signer),
    );
  }

  /**
   * Publishes a delegation of the release key where hosts look that have pinned the root key, or another one; signed by
   * the root key unless another signer is given.
   */
  delegate(
    changes: Partial<Delegation> = {},
    signer: KeyObject = this.root.privateKey,
    pinned: KeyObject = this.root.publicKey,
  ): void {
    const delegation = {
      sequence: 1,
      key: rawKey(this.release.publicKey),
      notBefore: nowSeconds() - 3600,
      expires: nowSeconds() + 86_400,
      ...changes,
    };
    this.write(`served/release-key-by-${idOf(pinned)}`, signed(delegationText(delegation), signer));
  }

  /** Publishes the delegation where updaters look that know no other root key than the one of the token. */
  delegateAsBefore(): void {
    this.delegate();
    this.write(
      "served/release-key",
      readFileSync(join(this.folder, `served/release-key-by-${idOf(this.root.publicKey)}`)),
    );
  }

  /** Publishes an agent, at its own address and as the newest. */
  publish(
    changes: Partial<Manifest> & { readonly conduct?: AgentConduct; readonly brings?: Buffer } = {},
    signer: KeyObject = this.release.privateKey,
  ): Published {
    const { conduct = "connects", brings: updater = readFileSync(updaterFile), ...rest } = changes;
    const version = changes.version ?? "1.1.0";
    const agent = gzipSync(agentScript(version, conduct));
    const file = (name: string, content: Buffer): ManifestFile => {
      this.write(`served/${version}/${name}`, content);
      return { file: `${version}/${name}`, sha256: sha256(content), sizeBytes: content.length };
    };
    const manifest: Manifest = {
      number: 11,
      channel: "stable",
      version,
      created: nowSeconds(),
      expires: nowSeconds() + 86_400,
      unattendedFrom: 0,
      updater: file("mailstead-updater", updater),
      agents: { [platform]: file("agent.gz", agent) },
      rollsBackFrom: null,
      ...rest,
    };
    const text = signed(manifestText(manifest), signer);
    this.write("served/agent-manifest", text);
    this.write(`served/${version}/agent-manifest`, text);
    return { manifest, digest: sha256(Buffer.from(text)) };
  }

  /** Hands an order over as the agent does. */
  request({ version, digest, job = "job-1" }: { version: string; digest: string; job?: string }): void {
    this.write("var/lib/mailstead/updater/request", `version ${version}\ndigest ${digest}\njob ${job}\n`);
  }

  /** Runs the updater's command to its end, or kills it with all that it started as its `killAt`th step begins. */
  async updater(
    command: "check" | "run" | "try",
    killAt = 0,
  ): Promise<{ output: string; isKilled: boolean }> {
    const script = join(this.folder, "usr/lib/mailstead/mailstead-updater");
    const child = spawn("sh", [script, command], {
      detached: true,
      env: {
        PATH: `${join(this.folder, "programs")}:/usr/sbin:/usr/bin:/sbin:/bin`,
        LC_ALL: "C",
        MAILSTEAD_UPDATER_ROOT: this.folder,
        MAILSTEAD_UPDATER_WATCHDOG_SECONDS: String(this.watchdogSeconds),
        MAILSTEAD_UPDATER_STEADY_SECONDS: "0",
        KILL_AT: String(killAt),
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        output += chunk;
      });
    const signal = await new Promise((resolve) => child.once("close", (_code, by) => resolve(by)));
    return { output, isKilled: signal === "SIGKILL" };
  }

  /** One run of the updater and, when it began one, the trial. */
  async update(): Promise<string> {
    const { output } = await this.updater("run");
    return output + (await this.updater("try")).output;
  }

  /** The version that the link names, and so the one that systemd starts. */
  linked(): string {
    return readlinkSync(join(this.folder, "usr/lib/mailstead/mailstead-agent")).split("/")[1] ?? "";
  }

  versions(): string[] {
    return readdirSync(join(this.folder, "usr/lib/mailstead/versions")).toSorted();
  }

  /** The root key whose word counts on this host. */
  pinned(): string {
    return (
      /^root-key (.*)$/m.exec(readFileSync(join(this.folder, "etc/mailstead/updater"), "utf8"))?.[1] ?? ""
    );
  }

  /** A file that the control plane serves, by its name. */
  served(name: RegExp): Buffer | null {
    const found = readdirSync(join(this.folder, "served")).find((file) => name.test(file));
    return found === undefined ? null : readFileSync(join(this.folder, "served", found));
  }

  /** A fact of one of the updater's files; "" when there is none. */
  fact(file: string, name: string): string {
    const path = join(this.folder, "var/lib/mailstead/updater", file);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    return new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1] ?? "";
  }

  /** The next step is the first again; tells how many there were. */
  countStepsAnew(): number {
    const file = join(this.folder, "steps");
    const steps = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
    rmSync(file, { force: true });
    return steps;
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  write(path: string, content: string | Buffer, mode = 0o644): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
  }
}

/** Starts the agent that the link names when it is told to restart it; an agent marks that it is connected. */
const systemctlScript = `#!/bin/sh
echo "$*" >>"$MAILSTEAD_UPDATER_ROOT/systemctl-calls"
[ "$1" = restart ] || exit 0
exec "$MAILSTEAD_UPDATER_ROOT/usr/lib/mailstead/mailstead-agent" run
`;

/** A program that makes a step of the updater: it counts, and ends the whole group of processes at the step that is to fail. */
function stepScript(program: string): string {
  return `#!/bin/sh
count="$MAILSTEAD_UPDATER_ROOT/steps"
steps=$(($(cat "$count" 2>/dev/null || echo 0) + 1))
echo $steps >"$count"
[ "$KILL_AT" = 0 ] || [ $steps != "$KILL_AT" ] || kill -9 0
exec /bin/${program} "$@"
`;
}

/** The mark names the init process, which lives as long as a test. */
function agentScript(version: string, conduct: AgentConduct): string {
  const mark = "$MAILSTEAD_UPDATER_ROOT/run/mailstead";
  const onRun = {
    connects: `mkdir -p "${mark}" && printf 'version ${version}\\nprocess 1\\n' >"${mark}/agent-connected"`,
    "fails-self-test": "exit 1",
    crashes: `mkdir -p "${mark}" && printf 'version ${version}\\nprocess 999999999\\n' >"${mark}/agent-connected"; exit 1`,
    "never-connects": "exit 0",
  }[conduct];
  const selfTest = conduct === "fails-self-test" ? "echo 'The journal is damaged.'; exit 1" : "exit 0";
  return `#!/bin/sh\ncase $1 in\n  self-test) ${selfTest} ;;\n  is-idle) exit 0 ;;\n  run) ${onRun} ;;\nesac\n`;
}

function signed(text: string, key: KeyObject): string {
  return withSignature(text, sign(null, Buffer.from(text), key).toString("base64"));
}

export function rawKey(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function idOf(key: KeyObject): string {
  return sha256(Buffer.from(rawKey(key), "base64"));
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
