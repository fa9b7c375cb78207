import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { dovecotConf23, dovecotSql23 } from "./dovecot-conf-23.ts";
import { dovecotConf24 } from "./dovecot-conf-24.ts";
import { renderSieveFiles } from "./sieve.ts";

/**
 * Everything that Dovecot reads. dovecot.conf is ours alone and includes nothing of Debian's conf.d, whose defaults
 * (an LMTP user name without its domain, an inbox in /var/mail) break virtual mailboxes.
 */
export function renderDovecot(settings: HostSettings): readonly RenderedFile[] {
  const files: RenderedFile[] = [
    stackFile("dovecot", `${stackPaths.dovecot}/dovecot.conf`, {
      content: fileNotice + (settings.suite === "bookworm" ? dovecotConf23 : dovecotConf24)(settings),
    }),
    stackFile("dovecot", `${stackPaths.dovecot}/mailstead-overrides.conf`, {
      content: `${fileNotice}${settings.overrides.dovecot.trimEnd()}\n`,
    }),
    ...renderSieveFiles(settings),
  ];
  if (settings.suite === "bookworm") {
    const sql = dovecotSql23();
    files.push(stackFile("dovecot", sql.path, { content: fileNotice + sql.content }));
  }
  return files;
}
