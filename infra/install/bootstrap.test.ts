import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

const projectRoot = join(import.meta.dirname, "../..");
const lock = {
  packages: {
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/b": { version: "1.0.0", optional: true },
  },
};
const installed = { packages: { "node_modules/a": { version: "1.0.0" } } };

test("nothing is installed again while node_modules holds what the lockfile names", async () => {
  const project = makeProject({ record: installed });
  expect(await project.start().ended).toBe(0);
  expect(project.npmCalls()).toBe("");
  expect(project.printed()).toBe("started with --flag\n");
});

test.each([
  ["nothing is installed yet", null],
  ["the lockfile names another version", { packages: { "node_modules/a": { version: "0.9.0" } } }],
  ["a package is missing", { packages: {} }],
])("npm ci runs when %s", async (_when, record) => {
  const project = makeProject({ record });
  expect(await project.start().ended).toBe(0);
  expect(project.npmCalls()).toMatch(/^ci --include=dev /);
});

test("a failing npm ci ends the start with its exit code in one sentence", async () => {
  const project = makeProject({ record: null, npmExitCode: 7 });
  expect(await project.start().ended).toBe(1);
  expect(project.errors()).toBe("npm ci failed with exit code 7; its message stands above.\n");
});

test("Ctrl-C while packages are installed ends the start in one calm line", async () => {
  const project = makeProject({
    record: null,
    npm: 'process.on("SIGINT", () => process.exit(1)); console.log("installing"); setInterval(() => {}, 1000);',
  });
  const { child, ended } = project.start();
  await vi.waitFor(() => expect(project.printed()).toContain("installing\n"));
  process.kill(-(child.pid ?? 0), "SIGINT");
  expect(await ended).toBe(130);
  expect(project.errors()).toBe("");
  expect(project.printed()).toMatch(/installing\nStopped before all packages were installed.*\n$/);
});

test("the exit code of what was started is passed on", async () => {
  const project = makeProject({ record: installed, main: "process.exit(3)" });
  expect(await project.start().ended).toBe(3);
});

test("a signal is passed on, and the end waits for a clean stop", async () => {
  const main =
    'process.on("SIGTERM", () => { console.log("stopped"); process.exit(0); }); console.log("ready"); setInterval(() => {}, 1000);';
  const project = makeProject({ record: installed, main });
  const { child, ended } = project.start();
  await vi.waitFor(() => expect(project.printed()).toContain("ready"));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(project.printed()).toBe("ready\nstopped\n");
});

interface ProjectChange {
  /** What npm recorded in node_modules; null when nothing is installed. */
  readonly record: object | null;
  readonly main?: string;
  readonly npmExitCode?: number;
  /** What npm does in place of ending at once. */
  readonly npm?: string;
}

function makeProject({
  record,
  main = 'console.log("started with", ...process.argv.slice(2))',
  npmExitCode = 0,
  npm: npmWork = `process.exit(${npmExitCode});`,
}: ProjectChange) {
  const root = mkdtempSync(join(tmpdir(), "mailstead-bootstrap-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const path of [
    "infra/install/bootstrap.mjs",
    "infra/install/link-node.mjs",
    "infra/up/bootstrap.mjs",
  ]) {
    cpSync(join(projectRoot, path), join(root, path));
  }
  const npm = `require("node:fs").writeFileSync(${JSON.stringify(join(root, "npm-calls"))}, process.argv.slice(2).join(" ")); ${npmWork}`;
  write(root, { "package-lock.json": JSON.stringify(lock), "infra/up/main.ts": main, "npm-cli.js": npm });
  mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
  symlinkSync(process.execPath, join(root, "node_modules", ".bin", "node"));
  if (record) write(root, { "node_modules/.package-lock.json": JSON.stringify(record) });
  let printed = "";
  let errors = "";
  return {
    npmCalls: () =>
      existsSync(join(root, "npm-calls")) ? readFileSync(join(root, "npm-calls"), "utf8") : "",
    printed: () => printed,
    errors: () => errors,
    start() {
      const child = spawn(process.execPath, [join(root, "infra/up/bootstrap.mjs"), "--flag"], {
        env: { PATH: process.env["PATH"], npm_execpath: join(root, "npm-cli.js") },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      child.stdout.on("data", (chunk) => {
        printed += chunk;
      });
      child.stderr.on("data", (chunk) => {
        errors += chunk;
      });
      return { child, ended: new Promise<number | null>((resolve) => child.once("close", resolve)) };
    },
  };
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
