import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseDelegation, readSigned } from "@mailstead/core/agent-updates";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { provideSigningKey } from "../up/secrets.ts";
import { buildRelease } from "./build-release.ts";
import type { Manifest } from "./compile-agent.ts";
import { isSignedBy } from "./key-text.ts";
import { certificateName } from "./release-keys.ts";

vi.setConfig({ testTimeout: 120_000 });

const projectRoot = resolve(import.meta.dirname, "../..");
const own = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const other = own === "linux-x64" ? "linux-arm64" : "linux-x64";
const isLinux = process.platform === "linux";
const why = isLinux ? "" : " (skipped: it needs Linux)";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
type Project = ReturnType<typeof makeProject>;
let madeOnce: Promise<Project & { release: Awaited<ReturnType<Project["build"]>> }> | undefined;

/** A project that is built already, one for all tests, since a build takes seconds. */
function builtProject() {
  madeOnce ??= (async () => {
    const project = makeProject({ folder: keptFolder() });
    return { ...project, release: await project.build() };
  })();
  return madeOnce;
}

test.skipIf(!isLinux)(`a release runs, knows its version, and is signed${why}`, async () => {
  const { release, releasesDir, publicKeyFile } = await builtProject();
  expect(release).toMatchObject({
    isReused: false,
    version: expect.stringMatching(/^1\.2\.3-[0-9a-f]{10}$/),
  });
  const { executable, archive } = readManifest(releasesDir, release.version);
  const bytes = readFileSync(join(releasesDir, executable.file));
  expect(sha256(bytes)).toBe(executable.sha256);
  expect(gunzipSync(readFileSync(join(releasesDir, archive.file))).equals(bytes)).toBe(true);
  expect(execFileSync(join(releasesDir, executable.file), { encoding: "utf8" })).toBe(
    `agent ${release.version}\n`,
  );

  const served = (name: string) => readFileSync(join(releasesDir, name), "utf8");
  const rootKey = readFileSync(join(dirname(publicKeyFile), "root-key.pub"), "utf8").trim();
  const certificate = parseDelegation(
    readSigned(served(certificateName(rootKey)), rootKey, isSignedBy) ?? "",
  );
  const statement = readSigned(served(`${own}.release`), certificate?.key ?? rootKey, isSignedBy);
  expect(statement).toContain(`\nsha256 ${archive.sha256}\n`);
  expect(readFileSync(join(releasesDir, "signing-key.pem"), "utf8")).toBe(
    readFileSync(publicKeyFile, "utf8"),
  );
});

test.skipIf(!isLinux)(`what lies in the folder where the agent runs does not set it up${why}`, async () => {
  const { build, releasesDir } = makeProject({
    source: `console.log(process.env["FROM_DOTENV"] ?? "nothing");`,
  });
  const { executable } = readManifest(releasesDir, (await build()).version);
  const folder = ownFolder();
  writeFileSync(join(folder, ".env"), "FROM_DOTENV=taken over\n");
  writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
  writeFileSync(join(folder, "evil.ts"), 'console.log("taken over");');
  expect(execFileSync(join(releasesDir, executable.file), { cwd: folder, encoding: "utf8" })).toBe(
    "nothing\n",
  );
});

test.skipIf(!isLinux)(`the same sources give the same bytes wherever they are built${why}`, async () => {
  const [one, another] = [await builtProject(), makeProject()];
  const first = one.release;
  expect(await one.build()).toMatchObject({
    isReused: false,
    version: first.version,
    problems: first.problems,
  });
  const elsewhere = await another.build();
  expect(readManifest(another.releasesDir, elsewhere.version)).toEqual(
    readManifest(one.releasesDir, first.version),
  );
});

test.skipIf(!isLinux)(
  `a platform whose runtime cannot be had is named, and the others are built${why}`,
  async () => {
    const { problems } = (await builtProject()).release;
    expect(problems).toEqual([
      `No release for ${other}: package-lock.json does not pin ${other === "linux-arm64" ? "@oven/bun-linux-aarch64" : "@oven/bun-linux-x64"}; install bun in infra again.`,
    ]);
  },
);

test.skipIf(!isLinux)(
  `other sources are another version, and the version before stays until the next${why}`,
  async () => {
    const { build, release, root, releasesDir } = await builtProject();
    const versions = [release.version];
    for (const change of ["one", "two"]) {
      writeFileSync(join(root, "apps/agent/src/change.ts"), `export const change = "${change}";\n`);
      versions.push((await build()).version);
    }
    expect(new Set(versions).size).toBe(3);
    expect(
      readdirSync(releasesDir)
        .filter((name) => name.startsWith("1.2.3-"))
        .toSorted(),
    ).toEqual(versions.slice(1).toSorted());
  },
);

test.skipIf(!isLinux)(`sources that do not compile are an error that shows where${why}`, async () => {
  await expect(makeProject({ source: "import './missing.ts';" }).build()).rejects.toThrow(
    /could not compile apps\/agent\/src\/main\.ts: .*missing\.ts/s,
  );
});

function makeProject({
  source = `console.log("agent", process.env["MAILSTEAD_AGENT_VERSION"]);`,
  folder: root = ownFolder(),
} = {}) {
  const files = {
    "apps/agent/package.json": '{"version":"1.2.3"}',
    "apps/agent/src/main.ts": source,
    "packages/core/package.json": "{}",
    "package-lock.json": '{"packages":{}}',
    "infra/updater/mailstead-updater": "#!/bin/sh\n",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  cpSync(join(projectRoot, "infra/release"), join(root, "infra/release"), { recursive: true });
  symlinkSync(join(projectRoot, "node_modules"), join(root, "node_modules"));
  const { privateKeyFile: signingKeyFile, publicKeyFile } = provideSigningKey(join(root, "data"));
  const releasesDir = join(root, "releases");
  return {
    root,
    releasesDir,
    publicKeyFile,
    build: () => buildRelease({ root, releasesDir, signingKeyFile }),
  };
}

function readManifest(releasesDir: string, version: string) {
  const manifest = JSON.parse(readFileSync(join(releasesDir, version, "manifest.json"), "utf8")) as Manifest;
  const built = manifest.platforms[own];
  if (!built) throw new Error(`no ${own} in the manifest`);
  return built;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Goes with the test. */
function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-release-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Goes with the file. */
function keptFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-release-"));
  folders.push(folder);
  return folder;
}
