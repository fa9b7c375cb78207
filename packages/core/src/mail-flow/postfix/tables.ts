import type { RenderedFile } from "../../converge/index.ts";
import { forwardedSenderQuery, lookupQueries } from "../../mailboxes/index.ts";
import { reportAddressOf } from "../../reports/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { localReportAddress } from "./reports.ts";

/** The lookups that Postfix makes in the directory, one file per question; see postfix-sqlite's sqlite_table(5). */
export function renderDirectoryLookups(settings: HostSettings): readonly RenderedFile[] {
  const queries: Record<string, string> = {
    "domains.cf": lookupQueries.domains,
    "mailboxes.cf": lookupQueries.mailboxes,
    "aliases.cf": lookupQueries.aliases,
    "disabled-mailboxes.cf": lookupQueries.disabledMailboxes,
    "postmasters.cf": lookupQueries.postmasters,
    "sender-logins.cf": lookupQueries.senderLogins,
    "forwarded-senders.cf": forwardedSenderQuery({
      hostname: settings.hostname,
      transport: `mailstead-forward:[${settings.loopback.bare}]:10027`,
    }),
  };
  return Object.entries(queries).map(([name, query]) =>
    stackFile("postfix", `${stackPaths.postfixTables}/${name}`, {
      content: `${fileNotice}dbpath = ${stackPaths.directoryDatabase}\nquery = ${query}\n`,
    }),
  );
}

// Names that a Debian system sends mail to on its own: its services' accounts, and the ones RFC 2142 asks for.
const systemNames = [
  "root",
  "postmaster",
  "mailer-daemon",
  "abuse",
  "hostmaster",
  "webmaster",
  "security",
  "daemon",
  "bin",
  "sys",
  "backup",
  "list",
  "nobody",
  "www-data",
  "cron",
  "logcheck",
  "redis",
  "_rspamd",
  "clamav",
  "fail2ban",
  "vmail",
] as const;

/**
 * Where mail of the system itself goes: to the postmaster of the settings, else to root on the host; and where reports go. A bare name matches it at the host's own name; a mailbox or alias of the
 * directory wins, because Postfix asks the directory first for each form of an address.
 */
export function renderSystemAliases(settings: HostSettings): RenderedFile {
  const { postmaster } = settings.stack;
  // The address by its whole name, so that no shorter form of it in the directory comes first.
  const lines: string[] = [`${reportAddressOf(settings.hostname)} ${localReportAddress}`];
  if (postmaster !== null) {
    for (const name of systemNames) lines.push(`${name} ${postmaster}`);
    // RFC 5321 §4.5.1: every domain that receives mail has a postmaster.
    for (const domain of settings.domains) {
      if (`postmaster@${domain}` !== postmaster) lines.push(`postmaster@${domain} ${postmaster}`);
      if (`abuse@${domain}` !== postmaster) lines.push(`abuse@${domain} ${postmaster}`);
    }
  } else for (const name of systemNames) lines.push(`${name} root@localhost`);
  return stackFile("postfix", `${stackPaths.postfixTables}/system-aliases`, {
    content: fileNotice + lines.map((line) => `${line}\n`).join(""),
  });
}

/** Only addresses that our own PostSRSd made are asked of it, so that other mail does not depend on it. */
export function renderSrsRecipients(settings: HostSettings): RenderedFile {
  const host = settings.hostname.replaceAll(".", "\\.");
  return stackFile("postfix", `${stackPaths.postfixTables}/srs-recipients`, {
    content: `${fileNotice}/^(SRS[01][-+=].+@${host})$/ \${1}\n`,
  });
}

/** Refuses a client that introduces itself with our own name, which no other host can rightly do. */
export function renderHeloAccess(settings: HostSettings): RenderedFile {
  // Anchored, because a table of plain names would refuse every name below ours too (access(5)).
  const lines = [settings.hostname, "localhost"].map(
    (name) => `/^${name.replaceAll(".", "\\.")}$/ REJECT You are not ${name}\n`,
  );
  return stackFile("postfix", `${stackPaths.postfixTables}/helo-access`, {
    content: fileNotice + lines.join(""),
  });
}

/**
 * Takes out of submitted mail what tells the world where its sender sits and which program was used, and gives it the
 * Feedback-ID. That goes before From, because mail filters are not shown the first header of a message.
 */
export function renderSubmissionHeaderChecks({ feedbackId }: HostSettings): RenderedFile {
  return stackFile("postfix", `${stackPaths.postfixTables}/submission-header-checks`, {
    content: `${fileNotice}/^Received: .*[[:space:]](by [^[:space:]]+ \\([^)]*\\)[[:space:]]+with [A-Z0-9]+ id .*)$/ REPLACE Received: \${1}
/^(User-Agent|X-Mailer|X-Originating-IP|X-Originating-Client|X-Sender-IP|X-Client-IP|X-Enigmail|X-PHP-Originating-Script):/ IGNORE
/^Mime-Version:[[:space:]]*1\\.0.*/ REPLACE MIME-Version: 1.0
${feedbackId === null ? "" : `/^From:/ PREPEND Feedback-ID: ${feedbackId}\n`}`,
  });
}
