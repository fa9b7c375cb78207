import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";

const tableName = "tls-exceptions";

/** The table that Postfix asks before those of DANE and MTA-STS, where there is any exception. */
export function tlsExceptionMaps({ tlsExceptions }: HostSettings): readonly string[] {
  return tlsExceptions.length === 0 ? [] : [`texthash:$config_directory/mailstead/${tableName}`];
}

/**
 * Receivers to whom mail goes with the TLS that they offer, and in the clear where they offer none. It is keyed by the
 * receiver's domain, so it loosens neither relays nor the servers of a domain, whose next hops stand in brackets.
 */
export function renderTlsExceptions({ tlsExceptions }: HostSettings): readonly RenderedFile[] {
  if (tlsExceptions.length === 0) return [];
  const lines = tlsExceptions.map(
    ({ domain, reason, until }) => `# Until ${until}: ${reason}\n${domain} may\n`,
  );
  return [
    stackFile("postfix", `${stackPaths.postfixTables}/${tableName}`, {
      content: fileNotice + lines.join(""),
    }),
  ];
}
