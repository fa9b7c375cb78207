import { unifiedDiff } from "@mailstead/core/converge";
import type { ObservedReport } from "@mailstead/core/servers";
import type { ServiceContext } from "../context/index.ts";
import { previewInstall } from "../servers/index.ts";

/** What a host's files hold, by their paths. */
export type HostFiles = ReadonlyMap<string, string>;

/** The files that a server's target state asks for now, rendered as its agent renders them. */
export async function renderFiles(ctx: ServiceContext, serverId: string): Promise<HostFiles> {
  const { files } = await previewInstall(ctx, { serverId });
  return new Map(files.map(({ path, content }) => [path, content]));
}

/** How files changed from one target state to the next, as an agent tells it while it writes them. */
export function changesBetween(before: HostFiles, after: HostFiles): { path: string; diff: string }[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
    const diff = unifiedDiff(path, before.get(path) ?? null, after.get(path) ?? null);
    return diff === "" ? [] : [{ path, diff }];
  });
}

/** What somebody did to a line of a managed file, on the host and by hand. */
interface Edit {
  path: string;
  line: RegExp;
  becomes: string;
}

const edits: readonly Edit[] = [
  {
    path: "/etc/postfix/main.cf",
    line: /^message_size_limit = .*$/m,
    becomes: "# raised for the scanner in the print room\nmessage_size_limit = 104857600",
  },
  { path: "/etc/fail2ban/jail.d/mailstead.local", line: /^maxretry = 10$/m, becomes: "maxretry = 50" },
];

/** The drift of a host whose files somebody edited. Throws when a file has no such line, since then the story is stale. */
export function editedByHand(files: HostFiles): ObservedReport["drift"] {
  return edits.map(({ path, line, becomes }) => {
    const before = files.get(path) ?? "";
    const after = before.replace(line, becomes);
    if (after === before) throw new Error(`the demo edits a line of ${path} that is not there`);
    return { path, kind: "changed", diff: unifiedDiff(path, before, after) };
  });
}
