import type { RenderedFile } from "../../converge/index.ts";
import { reportMailbox } from "../../reports/index.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

const { localPart, user, folder, droppedFile, mailsMax, kibibytesMax, mailKibibytesMax } = reportMailbox;

/** No mail from outside names it: an address at localhost is not fully qualified. */
export const localReportAddress = `${localPart}@localhost`;

export const reportTransports = "texthash:$config_directory/mailstead/report-transports";

/** One at a time, so that none counts the folder while another fills it. */
export const reportService = [
  `${user} unix - n n - 1 pipe user=${user} argv=${stackPaths.reportKeeper}`,
  [],
] as const;

/**
 * The way of a report into its folder. A mail that finds no room is let go and counted: refused here, after it was
 * accepted, it would be a bounce to whoever it claims to come from; kept in the queue, a flood would fill that.
 */
export function renderReports(): readonly RenderedFile[] {
  return [
    stackFile("postfix", `${stackPaths.postfixTables}/report-transports`, {
      content: `${fileNotice}${localReportAddress} ${user}:\n`,
    }),
    stackFile("system", stackPaths.reportKeeper, {
      mode: 0o755,
      content: `#!/bin/sh
${fileNotice}# Keeps a mail for reports until the agent has read it. 75 has Postfix try again (sysexits(3)).
umask 077
cd ${folder} || exit 75
drop() {
  rm -f "$file"
  cat >/dev/null
  printf . >>${droppedFile}
  exit 0
}
file=.arriving
set -- *.eml
[ -e "$1" ] || shift
[ $# -lt ${mailsMax} ] || drop
[ "$(du -skS . | cut -f1)" -lt ${kibibytesMax} ] || drop
head -c ${mailKibibytesMax * 1024 + 1} >"$file" || exit 75
[ "$(wc -c <"$file")" -le ${mailKibibytesMax * 1024} ] || drop
mv "$file" "$(date +%s%N).eml" || exit 75
`,
    }),
  ];
}
