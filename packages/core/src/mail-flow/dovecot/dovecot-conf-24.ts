import { dovecotQueries } from "../../mailboxes/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { mailUser, stackPaths } from "../stack-paths.ts";
import { tlsPolicy } from "../tls-policy.ts";
import { dovecotServices, listenAddresses } from "./dovecot-services.ts";
import { overQuotaReply, quotaWarningPercent, specialUseFolders } from "./mailbox-folders.ts";
import { hasOperatorSieve } from "./sieve.ts";

type CertificateForName = HostSettings["certificates"]["byName"][number];

/** dovecot.conf in the language of Dovecot 2.4. */
export function dovecotConf24(settings: HostSettings): string {
  const { hostname, stack, certificates } = settings;
  const queries = dovecotQueries({
    user: "%{user}",
    service: "%{protocol}",
    mailboxFolder: stackPaths.mailboxes,
    scriptSender: stackPaths.scriptSender,
    quotaField: "quota_bytes || 'B' AS quota_storage_size",
  });
  return `dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0

protocols = imap lmtp sieve
listen = ${listenAddresses(stack.ipFamilies)}
hostname = ${hostname}
postmaster_address = postmaster@${hostname}
recipient_delimiter = ${stack.recipientDelimiter === "+" ? "+" : ""}

mail_driver = maildir
mail_path = ~/Maildir
mail_inbox_path =
mail_uid = ${mailUser.uid}
mail_gid = ${mailUser.gid}
first_valid_uid = ${mailUser.uid}
last_valid_uid = ${mailUser.uid}
mail_plugins {
  quota = yes
}

ssl = required
ssl_server_cert_file = ${certificates.host.certificatePath}
ssl_server_key_file = ${certificates.host.keyPath}
ssl_min_protocol = ${tlsPolicy.minProtocol}
ssl_cipher_list = ${tlsPolicy.cipherList}
ssl_server_prefer_ciphers = client
${certificates.byName.map(localName).join("")}
auth_allow_cleartext = no
auth_mechanisms = plain login
auth_username_format = %{user | lower}
sql_driver = sqlite
sqlite_path = ${stackPaths.directoryDatabase}
passdb sql {
  query = ${queries.password}
}
userdb sql {
  query = ${queries.user}
  iterate_query = ${queries.iterate}
}

namespace inbox {
  inbox = yes
${specialUseFolders.map(specialUseFolder).join("")}}
imapsieve_from Junk {
${indent(sieveScript("learn-ham", { type: "before", cause: "copy", script: "learn-ham" }), 2)}}

${dovecotServices(settings.suite)}
protocol imap {
  mail_plugins {
    imap_quota = yes
    imap_sieve = yes
  }
  mail_max_userip_connections = 50
}
protocol lmtp {
  mail_plugins {
    sieve = yes
  }
}
protocol lda {
  mail_plugins {
    sieve = yes
  }
}

quota "User quota" {
  driver = count
  warning warn-${quotaWarningPercent} {
    quota_storage_percentage = ${quotaWarningPercent}
    execute quota-warning {
      args = ${quotaWarningPercent} %{user}
    }
  }
}
quota_storage_grace = 0
quota_status_success = DUNNO
quota_status_nouser = DUNNO
quota_status_overquota = ${overQuotaReply}

${hasOperatorSieve(settings) ? sieveScript("before-operator", { type: "before", script: "operator" }) : ""}${sieveScript("before-junk", { type: "before", script: "junk" })}sieve_script personal {
  type = personal
  driver = file
  path = ~/sieve
  active_path = ~/.dovecot.sieve
}
sieve_plugins {
  sieve_imapsieve = yes
  sieve_extprograms = yes
}
sieve_global_extensions {
  vnd.dovecot.pipe = yes
  vnd.dovecot.environment = yes
}
sieve_pipe_bin_dir = ${stackPaths.sievePrograms}

!include_try mailstead-overrides.conf
`;
}

function localName({ name, certificatePath, keyPath }: CertificateForName): string {
  return `local_name ${name} {\n  ssl_server_cert_file = ${certificatePath}\n  ssl_server_key_file = ${keyPath}\n}\n`;
}

function specialUseFolder({ name, use }: (typeof specialUseFolders)[number]): string {
  const learn =
    name === "Junk"
      ? indent(sieveScript("learn-spam", { type: "before", cause: "copy", script: "learn-spam" }), 4)
      : "";
  return `  mailbox ${name} {\n    auto = subscribe\n    special_use = ${use}\n${learn}  }\n`;
}

function sieveScript(name: string, options: { type: string; script: string; cause?: string }): string {
  return `sieve_script ${name} {
  type = ${options.type}
${options.cause === undefined ? "" : `  cause = ${options.cause}\n`}  path = ${stackPaths.dovecotSieve}/${options.script}.sieve
  bin_path = ${stackPaths.sieveBinaries}
}
`;
}

function indent(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, " ".repeat(spaces));
}
