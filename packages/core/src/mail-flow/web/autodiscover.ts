import { type ClientServer, clientSettings } from "../../mailboxes/index.ts";
import { xmlText } from "./xml-text.ts";

const namespaces = {
  response: "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006",
  settings: "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a",
} as const;

/**
 * What Outlook is answered at /autodiscover/autodiscover.xml ([MS-OXDSCLI] §2.2.4), whatever it asked. It names no
 * sign-in: with DomainRequired and no domain, Outlook signs in with the whole address that the person typed, so nobody
 * has to read the request.
 */
export function autodiscoverXml(hostname: string): string {
  const { imap, submission } = clientSettings("", hostname);
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${namespaces.response}">
  <Response xmlns="${namespaces.settings}">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${protocol("IMAP", imap)}
${protocol("SMTP", submission)}
    </Account>
  </Response>
</Autodiscover>
`;
}

function protocol(type: "IMAP" | "SMTP", { host, port, security }: ClientServer): string {
  return `      <Protocol>
        <Type>${type}</Type>
        <Server>${xmlText(host)}</Server>
        <Port>${port}</Port>
        <DomainRequired>on</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>${security === "tls" ? "SSL" : "TLS"}</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>`;
}
