import { quoted, refuseControlCharacters, refuseLine, withoutNetworks } from "./refuse-line.ts";

const of = "the Dovecot override";

/**
 * Reads an override of Dovecot as the few forms that both its languages share: `name = value`, `name {` and `}`.
 * Throws RenderError for anything else (an include, a value from a file, a line that goes on), and for a block or a
 * setting that is not on the lists below.
 */
export function checkDovecotOverride(text: string): void {
  refuseControlCharacters(text, of);
  const blocks: string[] = [];
  const lines = text.split("\n");
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    const place = { line: index + 1, of };
    if (line === "" || line.startsWith("#")) continue;
    if (line === "}") {
      if (blocks.pop() === undefined) throw refuseLine(place, "it closes a block that was never opened");
      continue;
    }
    const problem = line.endsWith("{") ? openBlock(line, blocks) : settingProblem(line, blocks);
    if (problem !== null) throw refuseLine(place, problem);
  }
  if (blocks.length > 0)
    throw refuseLine({ line: lines.length, of }, `the block ${quoted(blocks.at(-1) ?? "")} is never closed`);
}

const blockForms: Readonly<Record<string, RegExp>> = {
  protocol: /^[a-z-]+$/,
  remote: /^[0-9a-fA-F.:/]+$/,
  local: /^[0-9a-fA-F.:/]+$/,
  namespace: /^inbox$/,
  mailbox: /^(?:"[^"\\/$%<>]+"|[^\s"\\/$%<>{}]+)$/,
  plugin: /^$/,
  mail_plugins: /^$/,
};

function openBlock(line: string, blocks: string[]): string | null {
  const header = line.slice(0, -1).trim();
  const [, name = "", argument = ""] = /^([a-z_]+)\s*(.*)$/.exec(header) ?? [];
  const form = Object.hasOwn(blockForms, name) ? blockForms[name] : undefined;
  if (form === undefined)
    return `the block ${quoted(header)} may not be overridden; an override reaches protocol, remote, local, namespace inbox, mailbox, plugin and mail_plugins`;
  if (!form.test(argument)) return `${quoted(header)} is no block that an override may open`;
  blocks.push(name);
  return null;
}

function settingProblem(line: string, blocks: readonly string[]): string | null {
  const match = /^([a-z0-9_]+)\s*=\s*(.*)$/.exec(line);
  if (!match?.[1]) return `${quoted(line)} is not of the form name = value`;
  const [name, value] = [match[1], match[2] ?? ""];
  if (blocks.at(-1) === "mail_plugins")
    return plugins.has(name) && /^(?:yes|no)$/.test(value) ? null : pluginProblem(name);
  if (name === "mail_plugins") {
    const unknown = value.split(/\s+/).find((word) => word !== "$mail_plugins" && !plugins.has(word));
    return unknown === undefined ? null : pluginProblem(unknown);
  }
  if (!settings.some((pattern) => pattern.test(name)))
    return `${name} is none of the settings that an override may change`;
  const rest = withoutNetworks(value.replaceAll(/%\{[a-z_]+\}/g, ""));
  if (/[/<>|`$\\{}]/.test(rest) || /vnd\./.test(rest))
    return `${name} may hold plain text only, no file and no variable, unlike ${quoted(value)}`;
  return null;
}

function pluginProblem(name: string): string {
  return `${quoted(name)} is none of the plugins that an override may load: ${[...plugins].join(", ")}`;
}

// Plugins that run nothing and read no file that a setting names.
const plugins: ReadonlySet<string> = new Set([
  "imap_quota",
  "imap_sieve",
  "imap_zlib",
  "mail_compress",
  "mail_log",
  "notify",
  "quota",
  "sieve",
  "zlib",
]);

// None of these names a program, an account, a socket, a dictionary or a file, or shows a password.
const settings: readonly RegExp[] = [
  /^(?:verbose_proctitle|shutdown_clients|login_greeting|login_trusted_networks|mail_debug|verbose_ssl|log_debug)$/,
  /^default_(?:process_limit|client_limit|vsz_limit|idle_kill|idle_kill_interval)$/,
  /^auth_(?:verbose|debug|mechanisms|username_chars|failure_delay|worker_max_count|cache_(?:size|ttl|negative_ttl))$/,
  /^ssl_(?:min_protocol|cipher_list|cipher_suites|curve_list|prefer_server_ciphers|server_prefer_ciphers|options)$/,
  /^mail_(?:max_userip_connections|max_keyword_length|max_lock_timeout|log_events|log_fields|log_cached_only|sort_max_read_count|prefetch_count|vsize_bg_after_count|fsync|always_cache_fields|never_cache_fields|cache_(?:min_mail_count|unaccessed_field_drop|max_size))$/,
  /^(?:maildir_(?:stat_dirs|copy_with_hardlinks|very_dirty_syncs|broken_filename_sizes|empty_new)|mailbox_list_index[a-z_]*|mailbox_idle_check_interval)$/,
  /^imap_(?:idle_notify_interval|max_line_length|logout_format|id_send|id_log|id_retain|capability|client_workarounds|fetch_failure|hibernate_timeout|literal_minus|metadata)$/,
  /^lmtp_(?:add_received_header|rcpt_check_quota|save_to_detail_mailbox|hdr_delivery_address|user_concurrency_limit|verbose_replies|client_workarounds)$/,
  /^lda_mailbox_(?:autocreate|autosubscribe)$/,
  /^quota_(?:grace|storage_grace|storage_extra|storage_percentage|mailbox_count|mailbox_message_count|mail_size|max_mail_size|exceeded_message|full_tempfail|vsizes)$/,
  /^sieve_(?:extensions|max_[a-z_]+|vacation_[a-z_]+|quota_[a-z_]+|redirect_(?:envelope_from|duplicate_period)|spamtest_[a-z_]*max[a-z_]*|editheader_max_header_size)$/,
  /^managesieve_(?:max_line_length|max_compile_errors|logout_format|implementation_string|client_workarounds)$/,
  // Of a namespace and of the mailboxes in it.
  /^(?:separator|hidden|list|subscriptions|auto|special_use|autoexpunge|autoexpunge_max_mails|mailbox_(?:auto|special_use|autoexpunge|autoexpunge_max_mails))$/,
];
