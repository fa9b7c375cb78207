import { readFile, stat } from "node:fs/promises";

export interface Accounts {
  userIds: ReadonlyMap<string, number>;
  userNames: ReadonlyMap<number, string>;
  groupIds: ReadonlyMap<string, number>;
  groupNames: ReadonlyMap<number, string>;
}

const cache = new Map<string, { stamp: string; accounts: Accounts }>();

/** Users and groups of the host's own files; read again only when one of them changed. */
export async function readAccounts(host: { path(hostPath: string): string }): Promise<Accounts> {
  const [passwd, group] = [host.path("/etc/passwd"), host.path("/etc/group")];
  const stamps = await Promise.all([passwd, group].map((path) => stat(path)));
  const stamp = stamps.map((entry) => `${entry.mtimeMs}:${entry.size}:${entry.ino}`).join();
  const known = cache.get(passwd);
  if (known?.stamp === stamp) return known.accounts;
  const [users, groups] = [parse(await readFile(passwd, "utf8")), parse(await readFile(group, "utf8"))];
  const accounts = {
    userIds: users,
    userNames: invert(users),
    groupIds: groups,
    groupNames: invert(groups),
  };
  cache.set(passwd, { stamp, accounts });
  return accounts;
}

function parse(text: string): Map<string, number> {
  const ids = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":");
    if (name && id && /^\d+$/.test(id)) ids.set(name, Number(id));
  }
  return ids;
}

function invert(ids: Map<string, number>): Map<number, string> {
  const names = new Map<number, string>();
  for (const [name, id] of ids) if (!names.has(id)) names.set(id, name);
  return names;
}
