import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { scriptHeader, stackPaths } from "../stack-paths.ts";

const junkSieve = `require ["fileinto", "mailbox"];
if header :is "X-Spam" "Yes" {
  fileinto :create "Junk";
  stop;
}
`;

const learnSpamSieve = `require ["vnd.dovecot.pipe", "copy", "imapsieve"];
pipe :copy "learn-spam";
`;

// Mail that is thrown away from Junk is still spam.
const learnHamSieve = `require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];
if environment :matches "imap.mailbox" "*" {
  set "mailbox" "\${1}";
}
if string "\${mailbox}" "Trash" {
  stop;
}
pipe :copy "learn-ham";
`;

/** Sieve scripts that run for every mailbox, and the programs that they may call. */
export function renderSieveFiles(settings: HostSettings): readonly RenderedFile[] {
  const script = (name: string, text: string) =>
    stackFile("dovecot", `${stackPaths.dovecotSieve}/${name}.sieve`, { content: fileNotice + text });
  const program = (path: string, text: string) =>
    stackFile("dovecot", path, { content: `#!/bin/sh\n${fileNotice}${text}`, mode: 0o755 });
  return [
    script("junk", junkSieve),
    script("learn-spam", learnSpamSieve),
    script("learn-ham", learnHamSieve),
    ...(hasOperatorSieve(settings) ? [operatorSieve(settings)] : []),
    program(`${stackPaths.sievePrograms}/learn-spam`, learnProgram("learn_spam")),
    program(`${stackPaths.sievePrograms}/learn-ham`, learnProgram("learn_ham")),
    program(`${stackPaths.programs}/quota-warning`, quotaWarningProgram(settings)),
    program(stackPaths.scriptSender, scriptSenderProgram),
  ];
}

export function hasOperatorSieve(settings: HostSettings): boolean {
  return settings.overrides.sieveBefore.trim() !== "";
}

function operatorSieve(settings: HostSettings): RenderedFile {
  return stackFile("dovecot", `${stackPaths.dovecotSieve}/operator.sieve`, {
    content: `${settings.overrides.sieveBefore.trimEnd()}\n`,
  });
}

// Moving a message must not fail because Rspamd has learned it before or is away for a moment.
function learnProgram(verb: "learn_spam" | "learn_ham"): string {
  return `/usr/bin/rspamc -h localhost:11334 ${verb} 2>&1 | /usr/bin/logger -t mailstead-learn -p mail.info
exit 0
`;
}

// Mail of a script enters Postfix as mail of the host itself, which may write as anybody. Rspamd reads here who it is.
const scriptSenderProgram = `addresses=$1
shift
set -f
{
  IFS=,
  printf '${scriptHeader}: %s\\n' $addresses
  exec /bin/sed 's/\\r$//'
} | /usr/sbin/sendmail "$@"
`;

function quotaWarningProgram(settings: HostSettings): string {
  const quotaOff =
    settings.suite === "bookworm"
      ? '"plugin/quota=count:User quota:noenforcing"'
      : '"quota/User quota/quota_enforce=no"';
  return `percent=$1
mailbox=$2
/usr/lib/dovecot/dovecot-lda -d "$mailbox" -e -o ${quotaOff} <<END_OF_MAIL
From: Mail system <postmaster@${settings.hostname}>
To: <$mailbox>
Subject: Your mailbox is $percent % full
Auto-Submitted: auto-generated
Content-Type: text/plain; charset=utf-8

Your mailbox $mailbox is more than $percent % full.
When it is full, new messages are refused and their senders are told so.
Please delete messages that you no longer need and empty the Trash folder.
END_OF_MAIL
`;
}
