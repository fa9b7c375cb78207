// Shared by `npm run up` and `npm test`. Plain JavaScript for any Node >= 20, because nothing is installed yet.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const nodeMajorMin = 20;
const projectNode = join(root, "node_modules", ".bin", "node");
// What a shell shows for a program that Ctrl-C ended.
const exitInterrupted = 130;
let isInterrupted = false;

export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

export function requireNode() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < nodeMajorMin) {
    fail(
      `Mailstead starts with Node ${nodeMajorMin} or newer, and this is ${process.version}; install a newer Node.`,
    );
  }
}

/** Runs `npm ci` unless node_modules holds exactly what the lockfile names. Throws one sentence when npm fails. */
export async function installPackages() {
  if (!isInstalled()) {
    console.log("Installing packages (npm ci) ...");
    const npm = process.env.npm_execpath;
    const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
    const code = npm?.endsWith("js") ? await run(process.execPath, [npm, ...args]) : await run("npm", args);
    if (isInterrupted) {
      console.log("Stopped before all packages were installed; the next start goes on.");
      process.exit(exitInterrupted);
    }
    if (code !== 0) throw new Error(`npm ci failed with exit code ${code}; its message stands above.`);
  }
  // Install scripts may be denied, the one that makes this link among them.
  if (!existsSync(projectNode)) await import("./link-node.mjs");
  if (!existsSync(projectNode)) {
    throw new Error(
      `npm brought no Node for ${process.platform}-${process.arch}; Mailstead starts on Linux and macOS, x64 and arm64.`,
    );
  }
}

/** Compares what npm recorded in node_modules with the lockfile: nothing missing, nothing of another version. */
function isInstalled() {
  const recordPath = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(recordPath)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(recordPath, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/") && !path.includes("/node_modules/")) return true;
    const found = installed[path];
    if (!found)
      return (
        entry.optional === true ||
        entry.devOptional === true ||
        entry.peer === true ||
        entry.extraneous === true
      );
    return found.version === entry.version && found.link === entry.link;
  });
}

/** Runs a script on the project's own Node, with its programs first in PATH; resolves with the exit code. */
export function runProjectNode(script, args) {
  return run(projectNode, [join(root, script), ...args]);
}

function run(command, args) {
  const bin = join(root, "node_modules", ".bin");
  const child = spawn(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
  });
  // The child decides when it has stopped cleanly; a Ctrl-C that reaches it twice says nothing new.
  const passOn = (signal) => {
    isInterrupted = true;
    child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, passOn);
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => settle(code ?? (signal === "SIGINT" ? exitInterrupted : 143)));
  });
}
