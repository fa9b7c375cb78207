import { quoted, refuseControlCharacters, refuseLine, withoutNetworks } from "./refuse-line.ts";
import { readUcl, UclProblem, type UclValue } from "./ucl.ts";

/**
 * Lets an override of Rspamd set numbers, switches and durations of the modules below, and texts under the names that
 * are texts and nothing else. Throws RenderError that names the line for all that runs, is loaded, is connected to, or
 * is read from anywhere but the override's own maps.
 */
export function checkRspamdOverride(name: string, text: string): void {
  const of = `the Rspamd override ${name}`;
  refuseControlCharacters(text, of);
  const [folder = "", file = ""] = name.split("/");
  if (file.endsWith(".map")) return;
  if (!overridable.test(file))
    throw refuseLine(
      { line: 1, of },
      `${folder}/${file} is none of the files that an override may hold, because Rspamd takes more than mail's treatment from it`,
    );
  for (const value of readValues(text, of)) {
    const problem = problemOf(value);
    if (problem !== null) throw refuseLine({ line: value.line, of }, problem);
  }
}

function readValues(text: string, of: string): UclValue[] {
  try {
    return readUcl(text);
  } catch (error) {
    if (error instanceof UclProblem) throw refuseLine({ line: error.line, of }, error.message);
    throw error;
  }
}

// Rspamd's modules that judge mail. Its workers, its log, its database, its scripts and what sends mail elsewhere are not here.
const overridable =
  /^(?:actions|arc|asn|bayes_expiry|chartable|classifier-bayes|composites|dkim|dmarc|emails|force_actions|forged_recipients|greylist|groups|hfilter|known_senders|maillist|mid|milter_headers|mime_types|multimap|mx_check|neural|once_received|phishing|ratelimit|rbl|regexp|replies|reputation|spf|surbl|trie|whitelist|[a-z_]+_group)\.conf$|^options\.inc$/;

function problemOf({ path, kind, value }: UclValue): string | null {
  const name = path.at(-1) ?? "";
  if (path.some((part) => /(?:^|_)(?:lua|scripts?|condition|callback|exec[a-z]*)(?:_|$)/i.test(part)))
    return `${quoted(path.join(" "))} may hold a program, which an override may not`;
  // A number, a switch, a duration or an address means no more than itself, whatever the setting.
  if (/^-?[0-9.]+[a-zA-Z%]*$|^(?:true|false|yes|no|on|off|null)$/.test(value)) return null;
  if (/^[0-9a-fA-F.:]+(?:\/\d{1,3})?$/.test(value) && /[.:]/.test(value)) return null;
  if (isMapName(name)) return ownMap.test(value) ? null : mapProblem(name, value);
  if (name === "rate" && /^[0-9.]+ ?\/ ?[0-9.]*[a-z]+$/.test(value)) return null;
  if (regexpNames.has(name))
    return /lua\s*:/i.test(value)
      ? `${name} may not call a function by its name, as ${quoted(value)} does`
      : null;
  if (!textNames.has(name) && kind === "text")
    return `${name} is none of the settings that an override may set to ${quoted(value)}`;
  if (!textNames.has(name)) return `${name} may be a number, a duration or a switch, unlike ${quoted(value)}`;
  if (withoutNetworks(value).includes("/") || /[$|`]/.test(value))
    return `${name} may not name a file or an address on the network, as ${quoted(value)} does`;
  return null;
}

function isMapName(name: string): boolean {
  return /^(?:map|maps|whitelist|blacklist|exceptions|.*_(?:map|maps|whitelist|list))$|^whitelisted_/.test(
    name,
  );
}

// Plain words, for a list that stands in the setting itself, or a map that is an override too.
const ownMap =
  /^[\w.@ *-]*$|^(?:(?:regexp|glob|hash|set|map);)?(?:\$(?:LOCAL_CONFDIR|\{LOCAL_CONFDIR\})|\/etc\/rspamd)\/(?:local|override)\.d\/[a-z0-9_-]+\.map$/;

function mapProblem(name: string, value: string): string {
  return `${name} may only be a map of an override, like "$LOCAL_CONFDIR/local.d/senders.map", and not ${quoted(value)}`;
}

// A regular expression, or an expression of symbols: its slashes are no path.
const regexpNames: ReadonlySet<string> = new Set(["re", "regexp", "expression"]);

const textNames: ReadonlySet<string> = new Set([
  "action",
  "authenticated_headers",
  "checks",
  "description",
  "domain",
  "email-dot",
  "extended_headers_rcpt",
  "extract_from",
  "filter",
  "gtube_patterns",
  "group",
  "groups",
  "header",
  "least",
  "local_headers",
  "message",
  "one_shot",
  "policy",
  "prefilter",
  "quarantine",
  "rbl",
  "reject",
  "remove_headers",
  "require_symbols",
  "score",
  "selector",
  "softfail",
  "strict_domains",
  "subject",
  "symbol",
  "symbols",
  "type",
  "url_tag",
  "use",
]);
