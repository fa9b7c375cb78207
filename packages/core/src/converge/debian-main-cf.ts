/**
 * Names of the settings by which a main.cf is somebody's own work: those that neither Debian's package ships nor its
 * questions (debconf) write on a host of this name. Empty for a file that Mailstead wrote.
 */
export function foreignMainCfSettings(content: string, { mailName }: { mailName: string }): string[] {
  if (/^# Written by Mailstead\b/m.test(content)) return [];
  const settings = parseMainCf(content);
  const ownNames = new Set([mailName, settings.get("myhostname") ?? mailName]);
  return [...settings].flatMap(([name, value]) =>
    name === "mydestination"
      ? isOwnDestination(value, ownNames)
        ? []
        : [name]
      : isDebians(name, value)
        ? []
        : [name],
  );
}

/** Settings by name, the last of each name, with lines that go on joined (postconf(5)). */
function parseMainCf(content: string): Map<string, string> {
  const lines = content.split("\n").filter((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  const logical: string[] = [];
  for (const line of lines) {
    if (/^\s/.test(line) && logical.length > 0) logical.push(`${logical.pop()} ${line.trim()}`);
    else logical.push(line.trim());
  }
  return new Map(
    logical.map((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/** True when no mail would be delivered here but to the host's own names. */
function isOwnDestination(value: string, ownNames: ReadonlySet<string>): boolean {
  return value
    .split(/[\s,]+/)
    .filter((name) => name !== "")
    .every((name) => name === "$myhostname" || /^localhost(?:\.|$)/.test(name) || ownNames.has(name));
}

function isDebians(name: string, value: string): boolean {
  return debians.get(name)?.test(value) ?? false;
}

// What main.cf.debian, main.cf.tls and the postinst of Postfix 3.5 to 3.10 write when their questions are answered with
// the defaults, or with "Local only". A relay host is an answer that somebody thought about, so none is here.
const debians: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    alias_database: /^(?:hash|lmdb):\/etc\/aliases$/,
    alias_maps: /^(?:hash|lmdb):\/etc\/aliases$/,
    append_dot_mydomain: /^no$/,
    biff: /^no$/,
    compatibility_level: /^[\d.]+$/,
    cyrus_sasl_config_path: /^\/etc\/postfix\/sasl$/,
    default_transport: /^error$/,
    html_directory: /^(?:no|\/usr\/share\/doc\/postfix\/html)$/,
    inet_interfaces: /^(?:all|loopback-only)$/,
    inet_protocols: /^(?:all|ipv4|ipv6)$/,
    mailbox_command: /^(?:procmail -a "\$EXTENSION")?$/,
    mailbox_size_limit: /^(?:0|51200000)$/,
    mydomain: /^/,
    myhostname: /^/,
    mynetworks: /^127\.0\.0\.0\/8(?: \[::ffff:127\.0\.0\.0\]\/104 \[::1\]\/128)?$/,
    mynetworks_style: /^host$/,
    myorigin: /^\/etc\/mailname$/,
    readme_directory: /^(?:no|\/usr\/share\/doc\/postfix)$/,
    recipient_delimiter: /^\+?$/,
    relay_transport: /^error$/,
    relayhost: /^$/,
    smtp_tls_CAfile: /^\/etc\/ssl\/certs\/ca-certificates\.crt$/,
    smtp_tls_CApath: /^\/etc\/ssl\/certs$/,
    smtp_tls_security_level: /^may$/,
    smtp_tls_session_cache_database: /^btree:\$\{data_directory\}\/smtp_scache$/,
    smtpd_banner: /^\$myhostname ESMTP \$mail_name \(Debian(?:\/GNU)?\)$/,
    smtpd_relay_restrictions: /^permit_mynetworks permit_sasl_authenticated defer_unauth_destination$/,
    smtpd_tls_cert_file: /^\/etc\/ssl\/certs\/ssl-cert-snakeoil\.pem$/,
    smtpd_tls_key_file: /^\/etc\/ssl\/private\/ssl-cert-snakeoil\.key$/,
    smtpd_tls_security_level: /^may$/,
    smtpd_tls_session_cache_database: /^btree:\$\{data_directory\}\/smtpd_scache$/,
    smtpd_use_tls: /^yes$/,
  }),
);
