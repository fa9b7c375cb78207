import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { controlName } from "./addresses.ts";
import { LabError, must, run } from "./command.ts";
import type { LabHost } from "./host.ts";
import type { Suite } from "./image-recipes.ts";
import type { Lab } from "./lab.ts";

/** A package in one version, as an order to an agent names it. */
export interface RepositoryPackage {
  readonly name: string;
  readonly architecture: "all" | "amd64" | "arm64";
  readonly version: string;
}

export interface Repacking {
  /** Packages of one source that go together, as they are installed on the host. */
  readonly names: readonly string[];
  /** Put behind the version that is installed, like `+lab1`, so that apt takes it for a newer one. */
  readonly suffix: string;
  /**
   * Changes a package's files, in the folder that `dpkg-deb --raw-extract` has made of it: its control files lie in DEBIAN.
   */
  readonly edit?: (folder: string, name: string) => Promise<void>;
}

const labPort = 8088;
const suites: readonly Suite[] = ["bookworm", "trixie"];
const sourcesPath = "/etc/apt/sources.list.d/lab-patches.sources";
const keyPath = "/etc/apt/keyrings/lab-patches.asc";

/**
 * A signed apt repository of the lab's own, with a part for each suite. It offers real packages of Debian under newer versions, with what a test has
 * changed in them; hosts reach it inside the lab, and know it by its key.
 */
export class PackageRepository {
  readonly #lab: Lab;
  readonly #folder: string;
  readonly #server: Server;
  readonly #fetched = new Map<string, Promise<string>>();

  private constructor(lab: Lab, folder: string, server: Server) {
    this.#lab = lab;
    this.#folder = folder;
    this.#server = server;
  }

  /** Opens an empty repository in a lab; one at a time. Throws LabError when gpg cannot make its key. */
  static async open(lab: Lab): Promise<PackageRepository> {
    const folder = await mkdtemp(join(tmpdir(), "repository-"));
    const [site, keys] = [join(folder, "site"), join(folder, "keys")];
    for (const suite of suites) await mkdir(join(site, suite), { recursive: true });
    await mkdir(keys, { mode: 0o700 });
    const server = createServer((request, response) => {
      const parts = decodeURIComponent(request.url ?? "").split("/");
      // apt writes the folder of a flat repository as "./".
      const [suite = "", name = ""] = parts.filter((part) => part !== "" && part !== ".");
      const path = join(site, basename(suite), basename(name));
      stat(path).then(
        ({ size }) => {
          response.writeHead(200, { "content-length": size });
          createReadStream(path).pipe(response);
        },
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const repository = new PackageRepository(lab, folder, server);
    await repository.#gpg(
      "--passphrase",
      "",
      "--quick-generate-key",
      "patches@lab",
      "ed25519",
      "sign",
      "never",
    );
    await repository.publish();
    await lab.expose({ labPort, hostPort: (server.address() as AddressInfo).port });
    return repository;
  }

  /** Tells a host of the repository, as its owner would, and fetches its lists. */
  async addTo(host: LabHost): Promise<void> {
    await host.writeFile(keyPath, await this.#gpg("--armor", "--export"));
    await host.writeFile(
      sourcesPath,
      `Types: deb\nURIs: http://${controlName}:${labPort}/${host.description.suite}/\nSuites: ./\nSigned-By: ${keyPath}\n`,
    );
    await host.writeFile(
      "/etc/apt/apt.conf.d/01lab-patches",
      `Acquire::http::Proxy::${controlName} "DIRECT";\n`,
    );
    await host.must(["apt-get", "-q", "update"], { timeoutMs: 120_000 });
  }

  /**
   * Offers the packages that are installed on the host under newer versions, and publishes them. Dependencies among them
   * follow. Returns them as they are offered; what is installed is fetched from the host's mirror.
   */
  async offer(host: LabHost, { names, suffix, edit }: Repacking): Promise<RepositoryPackage[]> {
    const offered: RepositoryPackage[] = [];
    for (const name of names) {
      const installed = await installedOn(host, name);
      const original = await this.#fetch(host, installed);
      const version = `${installed.version}${suffix}`;
      const made = await mkdtemp(join(this.#folder, "repack-"));
      const folder = join(made, "files");
      await must(["dpkg-deb", "--raw-extract", original, folder]);
      const controlPath = join(folder, "DEBIAN/control");
      const control = await readFile(controlPath, "utf8");
      await writeFile(
        controlPath,
        control
          .replace(/^Version: .*$/m, `Version: ${version}`)
          .replaceAll(`(= ${installed.version})`, `(= ${version})`),
      );
      await edit?.(folder, name);
      const file = fileName({ ...installed, version });
      await must([
        "dpkg-deb",
        "--root-owner-group",
        "-Zgzip",
        "-z1",
        "--build",
        folder,
        join(this.#folder, "site", host.description.suite, file),
      ]);
      await rm(made, { recursive: true });
      offered.push({ ...installed, version });
    }
    await this.publish();
    return offered;
  }

  /** Takes packages out of the repository, as a mirror forgets what it has replaced. */
  async forget(packages: readonly RepositoryPackage[]): Promise<void> {
    for (const suite of suites)
      for (const one of packages) await rm(join(this.#folder, "site", suite, fileName(one)), { force: true });
    await this.publish();
  }

  /** Writes the lists of what the repository has now, and signs them. */
  async publish(): Promise<void> {
    for (const suite of suites) await this.#publishSuite(join(this.#folder, "site", suite));
  }

  async #publishSuite(site: string): Promise<void> {
    const records: string[] = [];
    for (const name of (await readdir(site)).filter((file) => file.endsWith(".deb")).sort()) {
      const path = join(site, name);
      const fields = (await must(["dpkg-deb", "--field", path])).stdout.trimEnd();
      const content = await readFile(path);
      records.push(`${fields}\nFilename: ./${name}\nSize: ${content.length}\nSHA256: ${digestOf(content)}\n`);
    }
    const packages = records.join("\n");
    const release = [
      "Origin: Mailstead lab",
      "Label: Mailstead lab",
      "Suite: patches",
      `Date: ${new Date().toUTCString()}`,
      "SHA256:",
      ` ${digestOf(packages)} ${Buffer.byteLength(packages)} Packages`,
      "",
    ].join("\n");
    await writeFile(join(site, "Packages"), packages);
    const releasePath = join(this.#folder, "Release");
    await writeFile(releasePath, release);
    await rm(join(site, "InRelease"), { force: true });
    await this.#gpg(
      "--digest-algo",
      "SHA512",
      "--output",
      join(site, "InRelease"),
      "--clearsign",
      releasePath,
    );
  }

  /** Ends it; hosts that know it go on without. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    // The agent of gpg would outlive its keys.
    await run(["gpgconf", "--homedir", join(this.#folder, "keys"), "--kill", "all"]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #gpg(...args: readonly string[]): Promise<string> {
    const options = ["--batch", "--quiet", "--no-tty", "--homedir", join(this.#folder, "keys")];
    return (await must(["gpg", ...options, ...args])).stdout;
  }

  /** The .deb as the mirror has it, once for each version. */
  #fetch(host: LabHost, { name, version, architecture }: RepositoryPackage): Promise<string> {
    const key = `${name}=${version}`;
    const known = this.#fetched.get(key);
    if (known !== undefined) return known;
    const fetching = (async () => {
      await host.must(["mkdir", "-p", "/root/originals"]);
      const script = 'cd /root/originals && apt-get -q -o APT::Sandbox::User=root download "$1"';
      await host.must(["sh", "-c", script, "fetch", key], { timeoutMs: 180_000 });
      const file = `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`;
      const from = this.#lab.namespace.path(`/run/lab/guests/${host.name}/root/root/originals/${file}`);
      const to = join(this.#folder, file);
      await copyFile(from, to);
      await host.must(["rm", "-r", "/root/originals"]);
      return to;
    })();
    this.#fetched.set(key, fetching);
    return fetching;
  }
}

/** The package as dpkg has it on the host. Throws LabError when it is not installed. */
export async function installedOn(host: LabHost, name: string): Promise<RepositoryPackage> {
  const format = `\${Architecture} \${Version} \${db:Status-Abbrev}`;
  const { code, stdout } = await host.exec(["dpkg-query", "--show", `--showformat=${format}`, name]);
  const [architecture, version] = stdout.split(" ");
  if (code !== 0 || architecture === undefined || version === undefined || version === "")
    throw new LabError(`${name} is not installed on ${host.name}.`);
  return { name, architecture: architecture as RepositoryPackage["architecture"], version };
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function fileName({ name, version, architecture }: RepositoryPackage): string {
  return `${name}_${version.replaceAll(":", "-")}_${architecture}.deb`;
}
