import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Argv, Host } from "../platform/host.ts";
import type { FakeHost } from "./fake-host.ts";

/**
 * The fake host as an agent sees it that may be killed at any moment: `onPoint` is told before services are started or
 * reloaded, after each command that changes something, and after each question to a port. What a service reads when it is started or reloaded is
 * remembered on the host, as the service itself would remember it.
 */
export function watchHost(host: FakeHost, onPoint: (name: string) => void): Host {
  return {
    ...host,
    async run(argv) {
      const name = changeOf(argv);
      if (name === null) return await host.run(argv);
      if (argv[0] === "systemctl") onPoint(`before ${name}`);
      const result = await host.run(argv);
      for (const service of servicesReloadedBy(argv)) rememberLoaded(host, service);
      onPoint(`after ${name}`);
      return result;
    },
    async probe(question) {
      const answer = await host.probe(question);
      onPoint(`probed ${question.port}`);
      return answer;
    },
  };
}

/** The running services that go on with other files than those on disk. */
export function staleServices(host: FakeHost): string[] {
  return Object.entries(readLoaded(host)).flatMap(([service, digest]) =>
    digest === digestOfFiles(host, service) ? [] : [service],
  );
}

const loadingVerbs = ["start", "restart", "reload-or-restart"];
const changingPrograms = ["groupadd", "useradd", "hostname", "openssl"];

/** Names a command that changes the host, so that a test can choose one of each sort; null for all others. */
function changeOf(argv: Argv): string | null {
  const [program, verb] = argv;
  if (program === "systemctl" && verb === "reload-or-restart") return `${verb} of ${argv.at(-1)}`;
  if (program === "systemctl" && verb !== undefined && loadingVerbs.includes(verb))
    return `systemctl ${verb}`;
  if (program === "systemd-run" && argv.includes("apt-get")) return "apt-get";
  return changingPrograms.includes(program) ? program : null;
}

const folders: Readonly<Record<string, string>> = {
  redis: "/etc/redis",
  rspamd: "/etc/rspamd",
  dovecot: "/etc/dovecot",
  postfix: "/etc/postfix",
  fail2ban: "/etc/fail2ban",
  nginx: "/etc/nginx",
};
const certificates = ["/etc/ssl/mailstead/certificate.pem", "/etc/ssl/mailstead/host/certificate.pem"];
const loadedPath = "/fake-loaded.json";

function servicesReloadedBy(argv: Argv): string[] {
  if (argv[0] !== "systemctl" || !loadingVerbs.includes(argv[1] ?? "")) return [];
  return Object.keys(folders).filter((service) => argv.slice(2).some((unit) => unit.startsWith(service)));
}

function readLoaded(host: FakeHost): Record<string, string> {
  return JSON.parse(host.read(loadedPath) ?? "{}") as Record<string, string>;
}

function rememberLoaded(host: FakeHost, service: string): void {
  const loaded = { ...readLoaded(host), [service]: digestOfFiles(host, service) };
  host.write(loadedPath, JSON.stringify(loaded));
}

function digestOfFiles(host: FakeHost, service: string): string {
  const hash = createHash("sha256");
  if (["postfix", "dovecot", "nginx"].includes(service))
    for (const certificate of certificates) hash.update(host.read(certificate) ?? "");
  const folder = host.path(folders[service] ?? "");
  if (!existsSync(folder)) return hash.digest("hex");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(relative(folder, file)).update(readFileSync(file));
  return hash.digest("hex");
}
