import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { keyFilesOf, provideReleaseKeys } from "@mailstead/infra/release-keys";
import { type Platform, signedStatement } from "@mailstead/infra/release-statement";
import { type OfferRequest, publishUpdates } from "@mailstead/infra/release-updates";
import { compileAgent } from "./agent-host.ts";
import type { TestGateway } from "./test-gateway.ts";

const repository = join(import.meta.dirname, "../..");
const platform: Platform = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const compiledVersion = "0.0.0-lab-0";
const gzipLevel = 1;

/** Agents of several versions that a test gateway hands out as a control plane does, signed by its key. */
export class UpdateShelf {
  readonly #folder = mkdtempSync(join(tmpdir(), "update-shelf-"));
  readonly #gateway: TestGateway;
  readonly #compiled: Buffer;

  private constructor(gateway: TestGateway, compiled: Buffer) {
    this.#gateway = gateway;
    this.#compiled = compiled;
  }

  static async open(gateway: TestGateway): Promise<UpdateShelf> {
    const folder = mkdtempSync(join(tmpdir(), "agent-"));
    try {
      const path = await compileAgent(folder, compiledVersion);
      return new UpdateShelf(gateway, readFileSync(path));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A version that works; the digit tells one from the other. */
  offerGood(digit: number, rollsBackFrom: readonly string[] | null = null) {
    const version = versionOf(digit);
    return this.#offer(withVersion(this.#compiled, version), { version, rollsBackFrom });
  }

  /** A version that passes its self-test, starts, and never connects. */
  offerSilent(digit: number) {
    const version = versionOf(digit);
    const script = "#!/bin/sh\ncase $1 in run) exec sleep infinity ;; esac\n";
    return this.#offer(Buffer.from(script), { version, rollsBackFrom: null });
  }

  /** The installation command's script, as the control plane hands it out. */
  installScript(): string {
    const script = readFileSync(join(repository, "infra/install/install.sh"), "utf8");
    return script.replaceAll("@PUBLIC_URL@", this.#gateway.publicUrl);
  }

  #offer(executable: Buffer, asked: Omit<OfferRequest, "nowUnixSeconds">) {
    const { version } = asked;
    const serve = (path: string, content: Buffer | string) =>
      this.#gateway.downloads.set(`/releases/${path}`, content);
    const file = (name: string, content: Buffer) => {
      serve(`${version}/${name}`, content);
      const sha256 = createHash("sha256").update(content).digest("hex");
      return { file: `${version}/${name}`, sha256, sizeBytes: content.length };
    };
    const archive = file("agent.gz", gzipSync(executable, { level: gzipLevel }));
    const updater = file(
      "mailstead-updater",
      readFileSync(join(repository, "infra/updater/mailstead-updater")),
    );
    mkdirSync(join(this.#folder, version), { recursive: true });
    const nowUnixSeconds = Math.floor(Date.now() / 1000);
    const keys = provideReleaseKeys({
      files: keyFilesOf(join(this.#folder, "keys", "release-key.pem")),
      signingKey: this.#gateway.signingKey,
      nowUnixSeconds,
    });
    const { number } = publishUpdates({
      ...{ releasesDir: this.#folder, keys },
      files: { updater, agents: { [platform]: archive } },
      request: { ...asked, nowUnixSeconds },
    });
    for (const path of [...Object.keys(keys.papers), "agent-manifest", `${version}/agent-manifest`])
      serve(path, readFileSync(join(this.#folder, path), "utf8"));
    const statement = { version, number, platform, archive, updater };
    serve(`${platform}.release`, signedStatement(statement, keys.releaseKey));
    const raw = Buffer.from(this.#gateway.signingPublicKey, "base64");
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]).toString("base64");
    serve("signing-key.pem", `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`);
    const manifest = readFileSync(join(this.#folder, version, "agent-manifest"), "utf8");
    const manifestDigest = createHash("sha256").update(manifest).digest("hex");
    return { manifest, order: { version, manifestDigest } };
  }
}

function versionOf(digit: number): string {
  return compiledVersion.replace(/\d$/, String(digit));
}

/** The executable holds its sources as text, so that a version of the same length is put in without compiling again. */
function withVersion(executable: Buffer, version: string): Buffer {
  const changed = Buffer.from(executable);
  const [from, to] = [Buffer.from(compiledVersion), Buffer.from(version)];
  for (let at = changed.indexOf(from); at >= 0; at = changed.indexOf(from, at + to.length))
    to.copy(changed, at);
  return changed;
}
