import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { autoconfigXml } from "./autoconfig.ts";
import { autodiscoverXml } from "./autodiscover.ts";
import { mobileconfigPlist, mobileconfigType } from "./mobileconfig.ts";
import { nginxText } from "./nginx-text.ts";

export const documentsConf = `${stackPaths.nginxSites}/documents.conf`;

/** Variables that sites.conf gives a value for each name; empty where the name has none. */
export const variables = {
  domain: "$mailstead_domain",
  profileId: "$mailstead_profile_id",
  policy: "$mailstead_policy",
} as const;

/**
 * The documents, as answers that stand whole in the configuration: nginx reads no file and parses nothing of a request
 * for them, and `return` answers POST as it answers GET, as Outlook needs.
 */
export function renderDocumentsConf({ hostname }: HostSettings): RenderedFile {
  const settingsOf = { domain: variables.domain, hostname };
  const known = Object.values(variables);
  return stackFile("nginx", documentsConf, {
    content: `${fileNotice}add_header Strict-Transport-Security "max-age=31536000" always;
add_header X-Content-Type-Options nosniff always;

location = /.well-known/mta-sts.txt {
  if ($request_method !~ ^(GET|HEAD)$) { return 405; }
  if (${variables.policy} = "") { return 404; }
  default_type text/plain;
  return 200 ${variables.policy};
}

location ~ ^/(mail|\\.well-known/autoconfig/mail)/config-v1\\.1\\.xml$ {
  if ($request_method !~ ^(GET|HEAD)$) { return 405; }
  if (${variables.domain} = "") { return 404; }
  default_type text/xml;
  return 200 ${nginxText(autoconfigXml(settingsOf), known)};
}

location ~* ^/autodiscover/autodiscover\\.xml$ {
  if ($request_method !~ ^(GET|HEAD|POST)$) { return 405; }
  default_type text/xml;
  return 200 ${nginxText(autodiscoverXml(hostname))};
}

location = /email.mobileconfig {
  if ($request_method !~ ^(GET|HEAD)$) { return 405; }
  if (${variables.domain} = "") { return 404; }
  default_type ${mobileconfigType};
  return 200 ${nginxText(mobileconfigPlist(settingsOf, variables.profileId), known)};
}
`,
  });
}
