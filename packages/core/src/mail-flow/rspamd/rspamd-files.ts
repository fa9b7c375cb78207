import type { RenderedFile } from "../../converge/index.ts";
import type { TargetDomain } from "../../servers/index.ts";
import { resolverAddress } from "../host/resolver.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { renderDkimKeyMap } from "./dkim-key-map.ts";
import { feedbackIdSigning } from "./feedback-id-lua.ts";
import { rspamdLua } from "./rspamd-lua.ts";
import { senderSettings } from "./sender-settings.ts";

/**
 * Everything of ours that Rspamd reads. Where the operator overrides a file that we write too, the override lies
 * aside and is included at the end of ours with a higher priority, so that both hold and the operator's wins.
 */
export function renderRspamd(
  settings: HostSettings,
  domains: readonly TargetDomain[],
): readonly RenderedFile[] {
  const ours = ourSettings(settings);
  const { rspamd: overrides } = settings.overrides;
  const files = Object.entries(ours).map(([name, text]) =>
    rspamdFile(name, fileNotice + text + (name in overrides ? includeOverride(name) : "")),
  );
  for (const [name, text] of Object.entries(overrides))
    files.push(rspamdFile(name in ours ? overrideName(name) : name, `${text.trimEnd()}\n`));
  return [
    ...files,
    rspamdFile("rspamd.local.lua", rspamdLua(settings)),
    rspamdFile("mailstead/dkim-keys.map", renderDkimKeyMap(domains)),
    stackFile("system", "/etc/tmpfiles.d/mailstead-verdicts.conf", { content: verdictsKept }),
    rspamdFile("mailstead/hosted-domains.map", fileNotice + domains.map(({ name }) => `${name}\n`).join("")),
  ];
}

/** The agent removes what it has counted; where none runs any more, they are not to fill the disk. */
const verdictsKept = `${fileNotice}e ${stackPaths.verdicts} - - - 14d
`;

function rspamdFile(name: string, content: string): RenderedFile {
  return stackFile("rspamd", `${stackPaths.rspamd}/${name}`, { content });
}

function overrideName(name: string): string {
  return `mailstead/overrides/${name}`;
}

function includeOverride(name: string): string {
  const priority = name.startsWith("override.d/") ? 12 : 6;
  return `.include(try=true,priority=${priority},duplicate=merge) "${stackPaths.rspamd}/${overrideName(name)}"\n`;
}

function ourSettings(settings: HostSettings): Readonly<Record<string, string>> {
  const { stack } = settings;
  return {
    "local.d/options.inc": `${allTestPatterns(settings)}
max_message = ${stack.messageSizeMaxBytes};
dns {
  nameserver = ["${resolverAddress}"];
}
`,
    // Debian's list of local networks would spare mail from private addresses every check of SPF, DKIM and DMARC.
    "override.d/options.inc": `local_addrs = ["127.0.0.0/8", "::1/128"];
`,
    "local.d/logging.inc": `type = "console";
systemd = true;
level = "notice";
`,
    "local.d/worker-proxy.inc": `bind_socket = "${stackPaths.milterSocket} mode=0666";
milter = yes;
timeout = 120s;
upstream "local" {
  default = yes;
  self_scan = yes;
}
`,
    "local.d/worker-normal.inc": `enabled = false;
`,
    "local.d/redis.conf": `servers = "${stackPaths.redisSocket}";
`,
    "local.d/classifier-bayes.conf": `backend = "redis";
`,
    "local.d/actions.conf": `reject = 15;
add_header = 6;
greylist = 4;
`,
    "local.d/greylist.conf": `timeout = 60s;
expire = 3d;
`,
    "local.d/dmarc.conf": `actions = {
  quarantine = "add_header";
  reject = "reject";
}
`,
    "local.d/milter_headers.conf": `use = ["authentication-results", "x-spamd-result"];
skip_local = true;
skip_authenticated = true;
authenticated_headers = [];
`,
    // Hashes of customers' mail do not leave the host unasked.
    "local.d/fuzzy_check.conf": `enabled = false;
`,
    "local.d/settings.conf": senderSettings(settings),
    "local.d/dkim_signing.conf": `enabled = true;
sign_condition = <<EOD
return function(task) return rspamd_plugins["mailstead"].dkim_keys(task) end
EOD;
${feedbackIdSigning(settings)}`,
    // Recipients are counted in rspamd.local.lua.
    "local.d/ratelimit.conf": "enabled = false;\n",
    "local.d/antivirus.conf": stack.hasVirusScan ? virusScan : "enabled = false;\n",
  };
}

/** GTUBE's forms for the milder actions, which a check of the whole way needs. */
function allTestPatterns(settings: HostSettings): string {
  return settings.suite === "bookworm" ? "enable_test_patterns = true;" : 'gtube_patterns = "all";';
}

const virusScan = `clamav {
  type = "clamav";
  servers = "${stackPaths.clamdSocket}";
  action = "reject";
  message = 'A virus was found: "\${VIRUS}"';
  symbol = "CLAM_VIRUS";
  scan_mime_parts = false;
  max_size = 20000000;
}
`;
