import { chown, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { readAccounts } from "./accounts.ts";
import { syncPath } from "./files.ts";
import { type PortAnswer, type PortQuestion, probePort } from "./probe-port.ts";
import { type CommandResult, type RunOptions, runCommand } from "./run-command.ts";

export type Argv = readonly [string, ...string[]];

/**
 * The operating system as the agent touches it. Production has one (`realHost`); tests of step logic pass another,
 * whose files lie under a temporary folder and whose commands act on those.
 */
export interface Host {
  /** Where a path of the host really lies. */
  path(hostPath: string): string;
  /** Runs a program by argument array; never through a shell. Resolves also when the program fails. */
  run(argv: Argv, options?: RunOptions): Promise<CommandResult>;
  /** Sets owner and group by name. Throws when the host has no such account. */
  setOwner(realPath: string, owner: { owner: string; group: string }): Promise<void>;
  /** Names of owner and group of a file, or its numbers when they have no name. */
  ownerOf(realPath: string): Promise<{ owner: string; group: string }>;
  /** Makes what a file holds, or which names a folder has, survive a power cut. */
  sync(realPath: string): Promise<void>;
  /** Room that is left on the disk of a path. */
  freeBytes(realPath: string): Promise<number>;
  /** What a port of this host says to a client. */
  probe(question: PortQuestion): Promise<PortAnswer>;
  nowUnixMs(): number;
}

/** The machine this process runs on. */
export function realHost(): Host {
  const host: Host = {
    path: (hostPath) => hostPath,
    run: runCommand,
    probe: probePort,
    sync: syncPath,
    nowUnixMs: () => Date.now(),
    async freeBytes(realPath) {
      const { bavail, bsize } = await statfs(realPath);
      return bavail * bsize;
    },
    async setOwner(realPath, { owner, group }) {
      const accounts = await readAccounts(host);
      const uid = accounts.userIds.get(owner);
      const gid = accounts.groupIds.get(group);
      if (uid === undefined) throw new Error(`${realPath} is to belong to "${owner}", which is no user here`);
      if (gid === undefined)
        throw new Error(`${realPath} is to belong to "${group}", which is no group here`);
      await chown(realPath, uid, gid);
    },
    async ownerOf(realPath) {
      const [accounts, { uid, gid }] = await Promise.all([readAccounts(host), stat(realPath)]);
      return {
        owner: accounts.userNames.get(uid) ?? String(uid),
        group: accounts.groupNames.get(gid) ?? String(gid),
      };
    },
  };
  return host;
}

/** A host whose files lie under `root`, for hosts mounted elsewhere and for tests. */
export function pathUnder(root: string): (hostPath: string) => string {
  return (hostPath) => join(root, hostPath);
}
