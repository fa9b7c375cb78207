import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

/** ClamAV, when the server has it switched on: one local socket, no network port. */
export function renderClamav(settings: HostSettings): readonly RenderedFile[] {
  if (!settings.stack.hasVirusScan) return [];
  return [
    stackFile("clamav", "/etc/clamav/clamd.conf", {
      content: `${fileNotice}LocalSocket ${stackPaths.clamdSocket}
LocalSocketGroup clamav
LocalSocketMode 666
FixStaleSocket true
User clamav
DatabaseDirectory /var/lib/clamav
LogSyslog true
LogTime false
Foreground true
MaxThreads 4
StreamMaxLength 25M
ConcurrentDatabaseReload no
`,
    }),
  ];
}
