import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

export const acmeConf = `${stackPaths.nginxSites}/acme.conf`;

/**
 * Answers HTTP-01 challenges without knowing them (RFC 8555 §8.3): the key authorization is the token that was asked
 * for and the thumbprint of the account's key, which proves nothing to anyone who does not hold that key. A token is
 * base64url of at least 128 bits (§8.3), and nothing else is repeated to the asker.
 */
export function renderAcmeConf({ web }: HostSettings): RenderedFile {
  const answer = web.acmeThumbprint === null ? "404" : `200 "$mailstead_token.${web.acmeThumbprint}"`;
  return stackFile("nginx", acmeConf, {
    content: `${fileNotice}location ~ "^/\\.well-known/acme-challenge/(?<mailstead_token>[A-Za-z0-9_-]{22,128})$" {
  if ($request_method !~ ^(GET|HEAD)$) { return 405; }
  default_type application/octet-stream;
  return ${answer};
}
location /.well-known/acme-challenge/ { return 404; }
`,
  });
}
