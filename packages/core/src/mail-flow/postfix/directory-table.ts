import type { RenderedFile } from "../../converge/index.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

const directoryTables = [
  "domains.cf",
  "mailboxes.cf",
  "aliases.cf",
  "postmasters.cf",
  "disabled-mailboxes.cf",
  "sender-logins.cf",
  "held-accounts.cf",
  "forwarded-senders.cf",
  "relayed-domains.cf",
  "relayed-recipients.cf",
  "relayed-postmasters.cf",
  "provider-splits.cf",
  "provider-routes.cf",
  "gate-forwarded.cf",
] as const;

type DirectoryTable = (typeof directoryTables)[number];

/** A question to the directory, which one proxymap process asks for all others (proxymap(8)). */
export function directoryTable(name: DirectoryTable): string {
  return `proxy:sqlite:$config_directory/mailstead/${name}`;
}

/**
 * The value of proxy_read_maps: every table that proxymap may be asked for, now or after any later change. An smtpd that
 * starts between a new main.cf and the reload asks the old proxymap; for a table unknown there it dies, and port 25 is
 * silent for the minute that master(8) then waits (service_throttle_time). Overrides may name no such table.
 */
export const approvedTables = directoryTables.map(directoryTable).join(", ");

/**
 * Stand-ins for the approved tables that nothing here asks: Postfix opens each table that proxy_read_maps names whenever
 * it reads its parameters, and complains of one that is not there.
 */
export function renderUnaskedTables(rendered: readonly RenderedFile[]): readonly RenderedFile[] {
  const paths = new Set(rendered.map(({ path }) => path));
  return directoryTables
    .map((name) => `${stackPaths.postfixTables}/${name}`)
    .filter((path) => !paths.has(path))
    .map((path) =>
      stackFile("postfix", path, {
        content: `${fileNotice}dbpath = ${stackPaths.directoryDatabase}\nquery = SELECT NULL WHERE 0\n`,
      }),
    );
}
