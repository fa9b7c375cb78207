import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

/**
 * The table by which Postfix finds the certificate of the name that a client asks for. It names files, and Postfix
 * reads those as root when a process starts (postconf(5), tls_server_sni_maps); no table when nobody has an own name.
 */
export function renderSniCertificates({ certificates }: HostSettings): readonly RenderedFile[] {
  if (certificates.byName.length === 0) return [];
  const lines = certificates.byName.map(
    ({ name, certificatePath, keyPath }) => `${sniPattern(name)} ${keyPath}, ${certificatePath}\n`,
  );
  return [
    stackFile("postfix", `${stackPaths.postfixTables}/sni-certificates`, {
      content: fileNotice + lines.join(""),
    }),
  ];
}

/** Postfix looks for all names below a domain as ".domain". */
function sniPattern(name: string): string {
  return name.startsWith("*.") ? name.slice(1) : name;
}
