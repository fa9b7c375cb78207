import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { receiverServices } from "./receiver-services.ts";
import { reportService } from "./reports.ts";

// RFC 5321 §4.5.3.1.8 asks for at least a hundred; a list that is longer belongs to a mailing list.
const recipientsPerMessageMax = 200;

const submissionOptions = [
  "smtpd_tls_auth_only=yes",
  "smtpd_sasl_auth_enable=yes",
  "smtpd_client_restrictions=permit_sasl_authenticated,reject",
  "smtpd_helo_restrictions=",
  "smtpd_sender_restrictions=$mailstead_submission_sender_restrictions",
  "smtpd_relay_restrictions=permit_sasl_authenticated,reject",
  "smtpd_recipient_restrictions=$mailstead_submission_recipient_restrictions",
  "smtpd_forbid_bare_newline=normalize",
  `smtpd_recipient_limit=${recipientsPerMessageMax}`,
  "cleanup_service_name=submission-cleanup",
];

const partnerService = [
  "mailstead-partner unix - - n - - smtp",
  [
    "syslog_name=postfix/partner",
    "soft_bounce=yes",
    // Our servers always offer TLS, so whoever offers none stands in between.
    "smtp_tls_security_level=encrypt",
    "smtp_tls_policy_maps=",
    "smtp_sasl_auth_enable=no",
  ],
] as const;

/**
 * The whole master.cf. No service is chrooted: a jail's copies of resolv.conf and of the CA list grow stale, while
 * systemd's sandbox of the whole daemon does not.
 */
export function renderMasterCf(settings: HostSettings): RenderedFile {
  const services: readonly (readonly [line: string, options: readonly string[]])[] = [
    ["smtp inet n - n - 1 postscreen", []],
    ["smtpd pass - - n - - smtpd", []],
    ["dnsblog unix - - n - 0 dnsblog", []],
    ["tlsproxy unix - - n - 0 tlsproxy", []],
    [
      "submission inet n - n - - smtpd",
      ["syslog_name=postfix/submission", "smtpd_tls_security_level=encrypt", ...submissionOptions],
    ],
    [
      "submissions inet n - n - - smtpd",
      ["syslog_name=postfix/submissions", "smtpd_tls_wrappermode=yes", ...submissionOptions],
    ],
    [
      "submission-cleanup unix n - n - 0 cleanup",
      [
        "header_checks=regexp:$config_directory/mailstead/submission-header-checks",
        // Both default to header_checks; what a sender attaches, a report of abuse say, is to arrive as it was.
        "nested_header_checks=",
        "mime_header_checks=",
      ],
    ],
    ["mailstead-smtps unix - - n - - smtp", ["smtp_tls_wrappermode=yes", "smtp_tls_security_level=encrypt"]],
    ...(settings.shares.partners.length === 0 ? [] : [partnerService]),
    // Mail that is forwarded for a stranger comes back in here, where its envelope sender becomes ours (SRS).
    [
      "mailstead-forward unix - - n - - smtp",
      ["smtp_tls_security_level=none", "smtp_sasl_auth_enable=no", "smtp_send_xforward_command=no"],
    ],
    [
      `${settings.loopback.bare === "::1" ? "[::1]" : "127.0.0.1"}:10027 inet n - n - - smtpd`,
      [
        "syslog_name=postfix/forward",
        "smtpd_client_restrictions=permit_mynetworks,reject",
        "smtpd_helo_restrictions=",
        "smtpd_sender_restrictions=",
        "smtpd_relay_restrictions=permit_mynetworks,reject",
        "smtpd_recipient_restrictions=permit_mynetworks,reject",
        "smtpd_data_restrictions=",
        "smtpd_milters=",
        "smtpd_tls_security_level=none",
        "cleanup_service_name=forward-cleanup",
      ],
    ],
    [
      "forward-cleanup unix n - n - 0 cleanup",
      [
        `sender_canonical_maps=tcp:${settings.loopback.bracketed}:10001`,
        "sender_canonical_classes=envelope_sender",
        "virtual_alias_maps=",
      ],
    ],
    ...receiverServices(settings),
    ["pickup unix n - n 60 1 pickup", []],
    ["cleanup unix n - n - 0 cleanup", []],
    ["qmgr unix n - n 300 1 qmgr", []],
    ["tlsmgr unix - - n 1000? 1 tlsmgr", []],
    ["rewrite unix - - n - - trivial-rewrite", []],
    ["bounce unix - - n - 0 bounce", []],
    ["defer unix - - n - 0 bounce", []],
    ["trace unix - - n - 0 bounce", []],
    ["verify unix - - n - 1 verify", []],
    ["flush unix n - n 1000? 0 flush", []],
    ["proxymap unix - - n - - proxymap", []],
    ["proxywrite unix - - n - 1 proxymap", []],
    ["smtp unix - - n - - smtp", []],
    ["relay unix - - n - - smtp", ["syslog_name=postfix/relay"]],
    ["showq unix n - n - - showq", []],
    ["error unix - - n - - error", []],
    ["retry unix - - n - - error", []],
    ["discard unix - - n - - discard", []],
    ["local unix - n n - - local", []],
    ["virtual unix - n n - - virtual", []],
    // The flag keeps the address that the sender wrote readable (lmtp(8)).
    ["lmtp unix - - n - - lmtp flags=O", []],
    reportService,
    ["anvil unix - - n - 1 anvil", []],
    ["scache unix - - n - 1 scache", []],
    ["postlog unix-dgram n - n - 1 postlogd", []],
  ];
  const lines = services.map(
    ([line, options]) => `${line}\n${options.map((option) => `  -o ${option}\n`).join("")}`,
  );
  return stackFile("postfix", `${stackPaths.postfix}/master.cf`, {
    content: `${fileNotice}${lines.join("")}`,
  });
}
