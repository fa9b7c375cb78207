import { JobFailure } from "../jobs/job-failure.ts";
import { readTextIfExists, writeFileAtomically } from "../platform/files.ts";
import { lastWords } from "../platform/run-command.ts";
import { type Executor, nothingToUndo } from "./executor.ts";

/** Names the host: /etc/hostname for the next boot, the kernel for this one, and /etc/hosts so that it knows itself. */
export const setHostname: Executor<"set-hostname"> = {
  prepare: async () => nothingToUndo,
  async apply({ hostname }, { host }) {
    const hosts = (await readTextIfExists(host.path("/etc/hosts"))) ?? "127.0.0.1 localhost\n";
    const named = withOwnName(hosts, hostname);
    if (named !== hosts) await writeFileAtomically(host.path("/etc/hosts"), named, { mode: 0o644 });
    const result = await host.run(["hostname", hostname]);
    if (result.exitCode !== 0)
      throw new JobFailure(`The host could not be named ${hostname}: ${lastWords(result)}`, {
        retry: "permanent",
      });
    await writeFileAtomically(host.path("/etc/hostname"), `${hostname}\n`, { mode: 0o644 });
    return { outcome: "changed" };
  },
};

/** The text of /etc/hosts with this name at 127.0.1.1, as Debian's installer writes it (hostname(1), "THE FQDN"). */
export function withOwnName(hosts: string, hostname: string): string {
  const short = hostname.split(".")[0];
  const line = `127.0.1.1\t${hostname} ${short}`;
  const lines = hosts.split("\n");
  const at = lines.findIndex((entry) => /^127\.0\.1\.1\s/.test(entry));
  if (at >= 0) return lines.with(at, line).join("\n");
  const afterLoopback = lines.findIndex((entry) => /^127\.0\.0\.1\s/.test(entry)) + 1;
  return lines.toSpliced(afterLoopback, 0, line).join("\n");
}
