import type { RenderedFile } from "../../converge/index.ts";
import { tlsPolicyMaps } from "../host/tls-policies.ts";
import type { HostSettings } from "../host-settings.ts";
import { readPostfixOverride } from "../overrides/index.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { postfixSockets, stackPaths } from "../stack-paths.ts";
import { tlsPolicy } from "../tls-policy.ts";
import { approvedTables, directoryTable } from "./directory-table.ts";
import { providerParameters, receiverTransportMaps } from "./provider-parameters.ts";
import { defaultTransport, destinationSmarthosts, relayAuthentication } from "./relays.ts";
import {
  partnerChecks,
  postscreenAccessList,
  relayedDomainParameters,
  transportMaps,
} from "./shared-domains.ts";
import { tlsExceptionMaps } from "./tls-exceptions.ts";

type Parameters = readonly (readonly [name: string, value: string])[];

/**
 * The whole main.cf. An override of the same name takes the place of our value, and a new name is added at the end,
 * so that Postfix never reads a parameter twice. Throws RenderError for an override that may not stand there.
 */
export function renderMainCf(settings: HostSettings): RenderedFile {
  const overrides = readPostfixOverride(settings.overrides.postfixMain);
  const lines: string[] = [];
  for (const [heading, parameters] of mainCfSections(settings)) {
    if (parameters.length === 0) continue;
    lines.push("", `# ${heading}`);
    for (const [name, value] of parameters) {
      lines.push(parameterLine(name, overrides.get(name) ?? value));
      overrides.delete(name);
    }
  }
  if (overrides.size > 0) lines.push("", "# Added by the overrides of this server");
  for (const [name, value] of overrides) lines.push(parameterLine(name, value));
  return stackFile("postfix", `${stackPaths.postfix}/main.cf`, {
    content: `${fileNotice}${lines.join("\n")}\n`,
  });
}

function parameterLine(name: string, value: string): string {
  return `${name} = ${value}`.trimEnd();
}

const inetProtocols = {
  dual: "all",
  "prefer-ipv4": "all",
  "ipv4-only": "ipv4",
  "ipv6-only": "ipv6",
} as const;

const addressPreferences = {
  dual: "any",
  "prefer-ipv4": "ipv4",
  "ipv4-only": "ipv4",
  "ipv6-only": "ipv6",
} as const;

function mainCfSections(settings: HostSettings): readonly (readonly [string, Parameters])[] {
  return [
    ["Identity", identity(settings)],
    ["Domains, mailboxes and aliases, asked of the directory at each mail", addressing(settings)],
    ["What port 25 accepts", reception(settings)],
    ["Submission, used by master.cf", submission()],
    ["TLS", tls(settings)],
    ["Sending", sending(settings)],
    ["Receivers with routes of their own", providerParameters(settings)],
    ["Rspamd", milters()],
    ["Limits and habits", limits(settings)],
  ];
}

function identity({ hostname, isHostnameHosted, stack }: HostSettings): Parameters {
  return [
    ["compatibility_level", "3.6"],
    ["myhostname", hostname],
    ["mydomain", hostname],
    ["myorigin", hostname],
    ["mydestination", isHostnameHosted ? "localhost" : `${hostname}, localhost`],
    ["mynetworks", "127.0.0.0/8 [::1]/128"],
    ["inet_interfaces", "all"],
    ["inet_protocols", inetProtocols[stack.ipFamilies]],
    ["smtpd_banner", "$myhostname ESMTP"],
    ["append_dot_mydomain", "no"],
    ["biff", "no"],
    ["alias_maps", ""],
    ["alias_database", ""],
    ["local_recipient_maps", "unix:passwd.byname"],
  ];
}

function addressing(settings: HostSettings): Parameters {
  const { stack, loopback } = settings;
  const isDetailUnambiguous = stack.recipientDelimiter === "+";
  return [
    ["recipient_delimiter", stack.recipientDelimiter],
    // A hyphen is also a letter of local parts. Then Dovecot could not tell a detail from a name, so it gets none.
    ["propagate_unmatched_extensions", isDetailUnambiguous ? "canonical, virtual" : "canonical"],
    ["proxy_read_maps", approvedTables],
    ["virtual_mailbox_domains", directoryTable("domains.cf")],
    ["virtual_mailbox_maps", directoryTable("mailboxes.cf")],
    [
      "virtual_alias_maps",
      [
        directoryTable("aliases.cf"),
        "texthash:$config_directory/mailstead/system-aliases",
        ...(stack.postmaster === null ? [directoryTable("postmasters.cf")] : []),
      ].join(", "),
    ],
    // The last ones win over what the sender decides, so each leads to a gate that asks about the sender again.
    ["transport_maps", [transportMaps(settings), ...receiverTransportMaps(settings)].join(", ")],
    ...relayedDomainParameters(settings),
    ["virtual_transport", `lmtp:unix:${postfixSockets.lmtp}`],
    // Postfix adds X-Original-To only to mail with one recipient (lmtp(8), flags).
    ["lmtp_destination_recipient_limit", "1"],
    [
      "recipient_canonical_maps",
      `pipemap:{regexp:$config_directory/mailstead/srs-recipients, tcp:${loopback.bracketed}:10002}`,
    ],
    ["recipient_canonical_classes", "envelope_recipient, header_recipient"],
  ];
}

const recipientChecks = [
  "reject_non_fqdn_recipient",
  `check_recipient_access ${directoryTable("disabled-mailboxes.cf")}`,
  "reject_unlisted_recipient",
  `check_policy_service unix:${postfixSockets.quotaStatus}`,
];

function reception(settings: HostSettings): Parameters {
  const partners = partnerChecks(settings);
  return [
    ["smtpd_sasl_auth_enable", "no"],
    ["smtpd_relay_restrictions", ["permit_mynetworks", ...partners, "reject_unauth_destination"].join(", ")],
    ["smtpd_helo_required", "yes"],
    [
      "smtpd_helo_restrictions",
      "permit_mynetworks, reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, check_helo_access regexp:$config_directory/mailstead/helo-access",
    ],
    ["smtpd_sender_restrictions", "permit_mynetworks, reject_non_fqdn_sender, reject_unknown_sender_domain"],
    [
      "smtpd_recipient_restrictions",
      [...recipientChecks, ...partners, "reject_unauth_destination"].join(", "),
    ],
    ["smtpd_data_restrictions", "reject_unauth_pipelining, reject_multi_recipient_bounce"],
    // CVE-2023-51764: a bare line feed lets a second message hide behind the first one's end.
    ["smtpd_forbid_bare_newline", "reject"],
    ["smtpd_forbid_unauth_pipelining", "yes"],
    ["disable_vrfy_command", "yes"],
    ["strict_rfc821_envelopes", "yes"],
    ["smtputf8_enable", "no"],
    ["postscreen_access_list", postscreenAccessList(settings)],
    ["postscreen_greet_action", "enforce"],
    ["unknown_local_recipient_reject_code", "550"],
    ["smtpd_reject_unlisted_sender", "no"],
  ];
}

function submission(): Parameters {
  return [
    ["smtpd_sasl_type", "dovecot"],
    ["smtpd_sasl_path", postfixSockets.auth],
    ["smtpd_sasl_security_options", "noanonymous"],
    ["smtpd_sasl_local_domain", ""],
    ["broken_sasl_auth_clients", "no"],
    ["smtpd_sender_login_maps", directoryTable("sender-logins.cf")],
    ["mailstead_submission_sender_restrictions", "reject_non_fqdn_sender, reject_sender_login_mismatch"],
    [
      "mailstead_submission_recipient_restrictions",
      [
        `check_sasl_access ${directoryTable("held-accounts.cf")}`,
        ...recipientChecks,
        "reject_unknown_recipient_domain",
        "permit_sasl_authenticated",
        "reject",
      ].join(", "),
    ],
  ];
}

function tls(settings: HostSettings): Parameters {
  const { host, byName } = settings.certificates;
  return [
    ["smtpd_tls_chain_files", `${host.keyPath}, ${host.certificatePath}`],
    ...(byName.length > 0
      ? [["tls_server_sni_maps", "texthash:$config_directory/mailstead/sni-certificates"] as const]
      : []),
    ["smtpd_tls_security_level", "may"],
    ["smtpd_tls_auth_only", "yes"],
    ["smtpd_tls_loglevel", "1"],
    ["smtpd_tls_received_header", "yes"],
    ["smtpd_tls_protocols", ">=TLSv1.2"],
    ["smtpd_tls_mandatory_protocols", ">=TLSv1.2"],
    ["smtpd_tls_ciphers", "high"],
    ["smtpd_tls_mandatory_ciphers", "high"],
    ["smtpd_tls_session_cache_database", "btree:$data_directory/smtpd_scache"],
    // DANE where a receiver has it, else TLS where it offers it (RFC 7672 §2.2); the tables below may demand more.
    ["smtp_dns_support_level", "dnssec"],
    ["smtp_tls_security_level", "dane"],
    ["smtp_tls_loglevel", "1"],
    // Sending without a demand for TLS keeps Postfix's own, wider choice: a receiver that finds no cipher in common
    // would get the mail in the clear.
    ["smtp_tls_mandatory_protocols", ">=TLSv1.2"],
    ["smtp_tls_CAfile", "/etc/ssl/certs/ca-certificates.crt"],
    ["smtp_tls_session_cache_database", "btree:$data_directory/smtp_scache"],
    [
      "smtp_tls_policy_maps",
      [
        "texthash:$config_directory/mailstead/relay-tls-policies",
        ...tlsExceptionMaps(settings),
        ...tlsPolicyMaps,
      ].join(", "),
    ],
    ["tls_high_cipherlist", tlsPolicy.cipherList],
    ["tls_preempt_cipherlist", "no"],
    ["tls_ssl_options", "NO_COMPRESSION, NO_RENEGOTIATION"],
  ];
}

function sending(settings: HostSettings): Parameters {
  const authentication = relayAuthentication(settings);
  return [
    ["default_transport", defaultTransport(settings)],
    [
      "sender_dependent_default_transport_maps",
      `texthash:$config_directory/mailstead/relay-transports, ${directoryTable("forwarded-senders.cf")}`,
    ],
    ["smtp_sasl_auth_enable", authentication === "none" ? "no" : "yes"],
    ["smtp_sender_dependent_authentication", authentication === "by-sender" ? "yes" : "no"],
    ["smtp_sasl_password_maps", "texthash:$config_directory/mailstead/relay-passwords"],
    ["smtp_sasl_security_options", "noanonymous"],
    ["smtp_sasl_tls_security_options", "noanonymous"],
    // Else Cyrus takes the strongest that a smarthost names, CRAM-MD5 or NTLM say, which many name and do not take. The
    // host's test of a smarthost signs in by these two; TLS is demanded for both.
    ...(authentication !== "none" || destinationSmarthosts(settings).some(({ credentials }) => credentials)
      ? [["smtp_sasl_mechanism_filter", "plain, login"] as const]
      : []),
    ["smtp_address_preference", addressPreferences[settings.stack.ipFamilies]],
    ["smtp_helo_name", "$myhostname"],
  ];
}

function milters(): Parameters {
  return [
    ["smtpd_milters", `unix:${stackPaths.milterSocket}`],
    ["non_smtpd_milters", "$smtpd_milters"],
    // Unsigned or unscanned mail does more harm than mail that comes a few seconds later.
    ["milter_default_action", "tempfail"],
  ];
}

function limits({ stack }: HostSettings): Parameters {
  return [
    ["message_size_limit", String(stack.messageSizeMaxBytes)],
    ["mailbox_size_limit", "0"],
    ["virtual_mailbox_limit", "0"],
    ["hopcount_limit", "50"],
    ["enable_long_queue_ids", "yes"],
    ["maximal_queue_lifetime", "5d"],
    ["bounce_queue_lifetime", "1d"],
    ["delay_warning_time", "0h"],
    ["allow_percent_hack", "no"],
    ["swap_bangpath", "no"],
    ["readme_directory", "no"],
    ["html_directory", "no"],
  ];
}
