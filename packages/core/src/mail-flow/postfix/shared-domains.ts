import type { RenderedFile } from "../../converge/index.ts";
import { lookupQueries } from "../../mailboxes/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { directoryTable } from "./directory-table.ts";
import { reportTransports } from "./reports.ts";

type Parameters = readonly (readonly [name: string, value: string])[];

const tables = "$config_directory/mailstead";
const partnersTable = `cidr:${tables}/partners`;

/** How mail for domains that are at home elsewhere is accepted and handed on; nothing where there is none. */
export function relayedDomainParameters({ shares }: HostSettings): Parameters {
  if (shares.relayed.length === 0) return [];
  return [
    ["relay_domains", directoryTable("relayed-domains.cf")],
    [
      "relay_recipient_maps",
      `${directoryTable("relayed-recipients.cf")}, ${directoryTable("relayed-postmasters.cf")}`,
    ],
    // A name below a relayed domain may be somebody else's, and its mail goes where its own MX says.
    ["parent_domain_matches_subdomains", ""],
    ...(shares.sendsFor.length === 0
      ? []
      : ([
          ["smtpd_restriction_classes", "mailstead_partner_senders"],
          ["mailstead_partner_senders", `check_sender_access texthash:${tables}/partner-senders`],
        ] as const)),
  ];
}

/**
 * The transport to other servers of a domain, found by their names and not by MX; each stands in for those before it
 * (Postfix 3.5 and later). It keeps what they refuse: one of them always hears of a change a moment later, and no letter
 * is to be lost by that.
 */
export function partnerTransport(...hostnames: readonly string[]): string {
  return `mailstead-partner:${hostnames.map((hostname) => `[${hostname}]`).join(",")}`;
}

/** Whom postscreen lets through at once: this host, and servers that have asked their clients already. */
export function postscreenAccessList({ shares }: HostSettings): string {
  return ["permit_mynetworks", ...(shares.partners.length === 0 ? [] : [partnersTable])].join(", ");
}

/** Lets the home of a domain send through this host, as senders of that domain. */
export function partnerChecks({ shares }: HostSettings): readonly string[] {
  return shares.sendsFor.length === 0 ? [] : [`check_client_access cidr:${tables}/sending-homes`];
}

/** Where a table says which way mail goes before domains do. */
export function transportMaps({ shares }: HostSettings): string {
  return [
    reportTransports,
    ...(shares.relayed.length === 0 ? [] : [`texthash:${tables}/relayed-transports`]),
  ].join(", ");
}

/** The tables that the parameters above name. */
export function renderSharedDomains({ shares }: HostSettings): readonly RenderedFile[] {
  const question = (name: string, query: string) => ({
    name,
    text: `dbpath = ${stackPaths.directoryDatabase}\nquery = ${query}\n`,
  });
  const table = (name: string, lines: readonly string[]) => ({
    name,
    text: lines.map((line) => `${line}\n`).join(""),
  });
  return [
    ...(shares.partners.length === 0
      ? []
      : [
          table(
            "partners",
            shares.partners.map((address) => `${address} permit`),
          ),
        ]),
    ...(shares.relayed.length === 0
      ? []
      : [
          question("relayed-domains.cf", lookupQueries.relayedDomains),
          question("relayed-recipients.cf", lookupQueries.relayedRecipients),
          question("relayed-postmasters.cf", lookupQueries.relayedPostmasters),
          table(
            "relayed-transports",
            shares.relayed.map(({ domain, home }) => `${domain} ${partnerTransport(home)}`),
          ),
        ]),
    ...(shares.sendsFor.length === 0
      ? []
      : [
          table(
            "sending-homes",
            shares.sendingHomes.map((address) => `${address} mailstead_partner_senders`),
          ),
          table(
            "partner-senders",
            shares.sendsFor.map((domain) => `${domain} OK`),
          ),
        ]),
  ].map(({ name, text }) =>
    stackFile("postfix", `${stackPaths.postfixTables}/${name}`, { content: fileNotice + text }),
  );
}
