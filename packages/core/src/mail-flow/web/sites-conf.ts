import type { RenderedFile } from "../../converge/index.ts";
import type { TargetDomain } from "../../servers/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { certificatePaths, stackPaths } from "../stack-paths.ts";
import { acmeConf } from "./acme-conf.ts";
import { certificateFor, type NamedCertificate } from "./certificate-for.ts";
import { documentsConf, variables } from "./documents-conf.ts";
import { pageFolder } from "./host-page.ts";
import { servedMtaStsPolicy } from "./mta-sts.ts";
import { sitesConf } from "./nginx-conf.ts";
import { nginxText } from "./nginx-text.ts";
import { profileIdTail } from "./profile-id.ts";
import { webNamesOf } from "./web-names.ts";

export interface Sites {
  settings: HostSettings;
  domains: readonly TargetDomain[];
  /** Names of the domains, without the host's own. */
  names: readonly string[];
  certificates: readonly NamedCertificate[];
}

/** Which name is answered with what, under which certificate; a name that is not of this host is misdirected here. */
export function renderSitesConf(sites: Sites): RenderedFile {
  const { settings, names } = sites;
  const listen = listenLines(settings);
  return stackFile("nginx", sitesConf, {
    content: `${fileNotice}${renderMaps(sites)}
server {
${listen("80 default_server")}
  include ${acmeConf};
  location / { return 421; }
}

server {
${listen("80")}
${serverNames([settings.hostname, ...names])}
  include ${acmeConf};
  location / { return 301 https://$host$request_uri; }
}

server {
${listen("443 ssl default_server")}
${certificateLines(null)}
  location / { return 421; }
}

server {
${listen("443 ssl")}
${serverNames([settings.hostname])}
${certificateLines(certificateFor(settings.hostname, sites.certificates))}
  include ${documentsConf};
  location = / {
    root ${pageFolder};
    try_files /index.html =404;
  }
  location / { return 404; }
}
${renderNamedServers(sites)}`,
  });
}

/** One server for all names that share a certificate. */
function renderNamedServers({ settings, names, certificates }: Sites): string {
  const listen = listenLines(settings);
  const groups = new Map<NamedCertificate | null, string[]>();
  for (const name of names) {
    const certificate = certificateFor(name, certificates);
    groups.set(certificate, [...(groups.get(certificate) ?? []), name]);
  }
  return [...groups]
    .map(
      ([certificate, named]) => `
server {
${listen("443 ssl")}
${serverNames(named)}
${certificateLines(certificate)}
  include ${documentsConf};
  location / { return 404; }
}
`,
    )
    .join("");
}

/** What a name stands for, as tables that nginx looks up at each request. */
function renderMaps({ settings, domains, names }: Sites): string {
  const served = new Set(names);
  const rows = { domain: [] as string[], profileId: [] as string[], policy: [] as string[] };
  const add = (table: string[], name: string, value: string) => {
    if (served.has(name)) table.push(`  ${name} ${nginxText(value)};\n`);
  };
  for (const { name, mtaSts } of domains) {
    const { autoconfig, mtaSts: policyName } = webNamesOf(name);
    add(rows.domain, autoconfig, name);
    add(rows.profileId, autoconfig, profileIdTail(name));
    add(rows.policy, policyName, servedMtaStsPolicy(settings.hostname, mtaSts).text);
  }
  return Object.entries(rows)
    .map(
      ([table, lines]) => `
map $host ${variables[table as keyof typeof variables]} {
  default "";
${lines.join("")}}
`,
    )
    .join("");
}

function listenLines({ stack }: HostSettings): (what: string) => string {
  const both = ["", "[::]:"];
  const addresses = { dual: both, "prefer-ipv4": both, "ipv4-only": [""], "ipv6-only": ["[::]:"] }[
    stack.ipFamilies
  ];
  return (what) => addresses.map((address) => `  listen ${address}${what};`).join("\n");
}

function serverNames(names: readonly string[]): string {
  return `  server_name\n${names.map((name) => `    ${name}`).join("\n")};`;
}

function certificateLines(certificate: NamedCertificate | null): string {
  const paths =
    certificate === null
      ? { certificate: stackPaths.certificate, key: stackPaths.certificateKey }
      : certificatePaths(certificate.id);
  return `  ssl_certificate ${paths.certificate};\n  ssl_certificate_key ${paths.key};`;
}
