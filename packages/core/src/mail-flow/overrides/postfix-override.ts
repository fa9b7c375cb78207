import { oneLine } from "../one-line.ts";
import { quoted, refuseControlCharacters, refuseLine, withoutNetworks } from "./refuse-line.ts";

const of = "the main.cf override";

/**
 * Parameters by name. Each is one that an override may set, to a value without a path or a table in a file. Throws
 * RenderError for a line that is not `name = value`, and for a parameter or a value that reaches further than mail.
 */
export function readPostfixOverride(lines: readonly string[]): Map<string, string> {
  refuseControlCharacters(lines.join("\n"), of);
  const parameters = new Map<string, string>();
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "" || text.startsWith("#")) continue;
    const place = { line: index + 1, of };
    // A line that begins with white space would continue the setting before it (postconf(5)), and one text is one line.
    const match = /^([A-Za-z0-9_]+)[ \t]*=[ \t]*(.*)$/.exec(text);
    if (!match?.[1]) throw refuseLine(place, `${quoted(text)} is not of the form name = value`);
    const name = match[1];
    const value = oneLine((match[2] ?? "").trim(), `Line ${place.line} of ${of}`);
    const problem = problemOf(name, value);
    if (problem !== null) throw refuseLine(place, problem);
    parameters.set(name, value);
  }
  return parameters;
}

function problemOf(name: string, value: string): string | null {
  const isSwitch = /^(?:yes|no|\d+[smhdw]?)$/.test(value) && !namesSomebody.test(name);
  if (isSwitch) return null;
  if (!textParameters.some((pattern) => pattern.test(name)))
    return `${name} is none of the parameters that an override may set to ${quoted(value)}`;
  if (/[|`\\]/.test(value)) return `${quoted(value)} holds a character that no value of ${name} needs`;
  if (withoutNetworks(value).includes("/")) return `${name} may not name a file, as ${quoted(value)} does`;
  const answer = name.endsWith("_restrictions") ? reroutingAnswer.exec(value)?.[0] : undefined;
  if (answer !== undefined) return `${name} may not copy, reroute or add to mail, as ${answer} does`;
  const table = tablesIn(value).find((type) => !tablesWithoutFile.has(type));
  return table === undefined ? null : `${name} may not ask a table of type ${table}`;
}

// A number or a switch is no program and no file, but it could be an account's name.
const namesSomebody = /(?:^|_)(?:owner|privs|group|user|users|uid_maps|gid_maps|command|path|directory)$/;

// What a value of these can say is how mail is treated. Names of programs, accounts, sockets, transports and lookup
// tables are not among them, and neither is anything that copies or reroutes mail: relays have a setting of their own.
const textParameters: readonly RegExp[] = [
  /^(?:smtpd|postscreen|lmtp|smtp|address_verify|maximal|bounce|qmgr|default|initial|message|header|body|line|queue|delay|minimal|transport|destination|local|virtual|hopcount|smtpd_client|anvil|ipc|max|trigger|in_flow|fork|stale|service|tls)_[a-z0-9_]*(?:_limit|_limits|_time|_timeout|_lifetime|_delay|_interval|_ttl|_count|_size|_age|_code|_threshold|_weight|_slots|_wait|_backoff_time)$/,
  /^(?:default_process_limit|message_size_limit|header_size_limit|hopcount_limit|delay_warning_time)$/,
  /^(?:smtpd_banner|mail_name|smtp_helo_name|smtp_bind_address6?|smtp_address_preference)$/,
  /^(?:mynetworks|inet_interfaces|proxy_interfaces)$/,
  /^(?:smtpd|mailstead_submission)_(?:client|helo|sender|relay|recipient|data|end_of_data|etrn)_restrictions$/,
  /^(?:smtpd|smtp|lmtp)_tls_(?:security_level|protocols|mandatory_protocols|ciphers|mandatory_ciphers|exclude_ciphers|mandatory_exclude_ciphers|eecdh_grade)$/,
  /^tls_(?:(?:high|medium|low)_cipherlist|ssl_options|eecdh_auto_curves|ffdhe_auto_groups)$/,
  /^postscreen_(?:[a-z_]+_action|dnsbl_sites|greet_banner|discard_ehlo_keywords)$/,
  /^(?:smtpd|smtp|lmtp)_discard_ehlo_keywords$/,
  /^smtpd_forbid_(?:bare_newline|unauth_pipelining|bare_newline_exclusions)$/,
  /^(?:notify_classes|smtp_dns_support_level|smtp_host_lookup|smtpd_sasl_security_options)$/,
];

// What an answer of access(5) may do besides letting pass and refusing, in whatever case it is written.
const reroutingAnswer = /\b(?:BCC|FILTER|REDIRECT|PREPEND)\b/i;

// inline and static hold their answers in the value itself; inet is a policy service of the operator's.
const tablesWithoutFile: ReadonlySet<string> = new Set(["inline", "static", "inet"]);

/** Types of the lookup tables and services that a value asks, like `texthash` in texthash:name. */
function tablesIn(value: string): string[] {
  const answers = value.replaceAll(/inline:\s*\{[^{}]*\}/g, "inline:");
  return [...answers.matchAll(/(?<![\w.:[])([a-z][a-z0-9_-]*):/g)].flatMap((match) => match[1] ?? []);
}
