import { dovecotQueries } from "../../mailboxes/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { mailUser, stackPaths } from "../stack-paths.ts";
import { tlsPolicy } from "../tls-policy.ts";
import { dovecotServices, listenAddresses } from "./dovecot-services.ts";
import { overQuotaReply, quotaWarningPercent, specialUseFolders } from "./mailbox-folders.ts";
import { hasOperatorSieve } from "./sieve.ts";

type CertificateForName = HostSettings["certificates"]["byName"][number];

const sqlFile = `${stackPaths.dovecot}/mailstead-directory.conf.ext`;

/** dovecot.conf in the language of Dovecot 2.3. */
export function dovecotConf23(settings: HostSettings): string {
  const { hostname, stack, certificates } = settings;
  return `protocols = imap lmtp sieve
listen = ${listenAddresses(stack.ipFamilies)}
hostname = ${hostname}
postmaster_address = postmaster@${hostname}
recipient_delimiter = ${stack.recipientDelimiter === "+" ? "+" : ""}

mail_location = maildir:~/Maildir
mail_uid = ${mailUser.uid}
mail_gid = ${mailUser.gid}
first_valid_uid = ${mailUser.uid}
last_valid_uid = ${mailUser.uid}
mail_plugins = quota
mailbox_list_index = yes

ssl = required
ssl_cert = <${certificates.host.certificatePath}
ssl_key = <${certificates.host.keyPath}
ssl_min_protocol = ${tlsPolicy.minProtocol}
ssl_cipher_list = ${tlsPolicy.cipherList}
ssl_prefer_server_ciphers = no
${certificates.byName.map(localName).join("")}
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_username_format = %Lu
passdb {
  driver = sql
  args = ${sqlFile}
}
userdb {
  driver = sql
  args = ${sqlFile}
}

namespace inbox {
  inbox = yes
${specialUseFolders.map(({ name, use }) => `  mailbox ${name} {\n    auto = subscribe\n    special_use = ${use}\n  }\n`).join("")}}

${dovecotServices(settings.suite)}
protocol imap {
  mail_plugins = $mail_plugins imap_quota imap_sieve
  mail_max_userip_connections = 50
}
protocol lmtp {
  mail_plugins = $mail_plugins sieve
}
protocol lda {
  mail_plugins = $mail_plugins sieve
}

plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
  quota_warning = storage=${quotaWarningPercent}%% quota-warning ${quotaWarningPercent} %u
  quota_status_success = DUNNO
  quota_status_nouser = DUNNO
  quota_status_overquota = ${overQuotaReply}

  sieve = file:~/sieve;active=~/.dovecot.sieve
${sieveBefore(settings)}  sieve_plugins = sieve_imapsieve sieve_extprograms
  sieve_global_extensions = +vnd.dovecot.pipe +vnd.dovecot.environment
  sieve_pipe_bin_dir = ${stackPaths.sievePrograms}
  imapsieve_mailbox1_name = Junk
  imapsieve_mailbox1_causes = COPY
  imapsieve_mailbox1_before = ${globalScript("learn-spam")}
  imapsieve_mailbox2_name = *
  imapsieve_mailbox2_from = Junk
  imapsieve_mailbox2_causes = COPY
  imapsieve_mailbox2_before = ${globalScript("learn-ham")}
}

!include_try mailstead-overrides.conf
`;
}

function localName({ name, certificatePath, keyPath }: CertificateForName): string {
  return `local_name ${name} {\n  ssl_cert = <${certificatePath}\n  ssl_key = <${keyPath}\n}\n`;
}

function sieveBefore(settings: HostSettings): string {
  const names = [...(hasOperatorSieve(settings) ? ["operator"] : []), "junk"];
  return names
    .map((name, index) => `  sieve_before${index === 0 ? "" : index + 1} = ${globalScript(name)}\n`)
    .join("");
}

function globalScript(name: string): string {
  return `file:${stackPaths.dovecotSieve}/${name}.sieve;bindir=${stackPaths.sieveBinaries}`;
}

/** The file that Dovecot 2.3 wants beside dovecot.conf for its questions to SQLite. */
export function dovecotSql23(): { path: string; content: string } {
  const queries = dovecotQueries({
    user: "%u",
    service: "%s",
    mailboxFolder: stackPaths.mailboxes,
    scriptSender: stackPaths.scriptSender,
    quotaField: "'*:bytes=' || quota_bytes AS quota_rule",
  });
  return {
    path: sqlFile,
    content: `driver = sqlite
connect = ${stackPaths.directoryDatabase}
password_query = ${queries.password}
user_query = ${queries.user}
iterate_query = ${queries.iterate}
`,
  };
}
