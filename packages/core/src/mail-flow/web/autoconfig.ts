import type { ClientServer } from "../../mailboxes/index.ts";
import { clientSettings } from "../../mailboxes/index.ts";
import { xmlText } from "./xml-text.ts";

/** Whose settings a document tells: all mailboxes of a domain on one host. */
export interface SettingsOf {
  domain: string;
  hostname: string;
}

// What mail programs put the person's address in the place of.
const addressPlaceholder = "%EMAILADDRESS%";

const socketTypes = { tls: "SSL", starttls: "STARTTLS" } as const;

/** The document that Thunderbird and its kin read at /mail/config-v1.1.xml: the client configuration format 1.1. */
export function autoconfigXml({ domain, hostname }: SettingsOf): string {
  const settings = clientSettings(addressPlaceholder, hostname);
  const name = xmlText(domain);
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${name}">
    <domain>${name}</domain>
    <displayName>${name}</displayName>
    <displayShortName>${name}</displayShortName>
${server("incomingServer", "imap", settings.imap)}
${server("outgoingServer", "smtp", settings.submission)}
${server("outgoingServer", "smtp", settings.submissionWithStarttls)}
  </emailProvider>
</clientConfig>
`;
}

function server(element: string, type: string, { host, port, security }: ClientServer): string {
  return `    <${element} type="${type}">
      <hostname>${xmlText(host)}</hostname>
      <port>${port}</port>
      <socketType>${socketTypes[security]}</socketType>
      <authentication>password-cleartext</authentication>
      <username>${addressPlaceholder}</username>
    </${element}>`;
}
