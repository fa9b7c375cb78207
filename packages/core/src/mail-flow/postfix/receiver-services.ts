import type { HostSettings } from "../host-settings.ts";
import { directoryTable } from "./directory-table.ts";
import {
  destinationDomains,
  destinationGate,
  providerTransport,
  type RoutedProvider,
  routedProviders,
} from "./provider-routes.ts";
import {
  defaultTransport,
  destinationSmarthosts,
  destinationTransportTo,
  usesDirectTlsTransport,
  usesDirectTransport,
} from "./relays.ts";

type Service = readonly [line: string, options: readonly string[]];

const tables = "texthash:$config_directory/mailstead";

// A provider counts messages of one connection too; Yahoo says so with "Max message per connection".
const messagesPerConnectionMax = 20;

const unsigned = ["smtp_sasl_auth_enable=no"];

/** Gates, transports of providers and the transports to smarthosts, each only where something leads to it. */
export function receiverServices(settings: HostSettings): readonly Service[] {
  const routed = routedProviders(settings);
  const hasDestinations = destinationDomains(settings).length > 0;
  return [
    ...(usesDirectTransport(settings) ? [["mailstead-direct unix - - n - - smtp", unsigned] as const] : []),
    ...(usesDirectTlsTransport(settings)
      ? [
          [
            "mailstead-directs unix - - n - - smtp",
            [...unsigned, "smtp_tls_wrappermode=yes", "smtp_tls_security_level=encrypt"],
          ] as const,
        ]
      : []),
    ...smarthostServices(settings),
    ...routed.flatMap(({ direct }) => (direct === null ? [] : [providerService(direct)])),
    ...(hasDestinations
      ? [
          // One recipient a message, so that the gate can choose by it.
          ["mailstead-receivers unix - - n - - smtp", [...loopbackOptions]] as const,
          gateService(settings, {
            ...destinationGate,
            leadsTo: filterOf(defaultTransport(settings)),
            checks: [`check_recipient_access,${tables}/receiver-filters`],
          }),
        ]
      : []),
    ...routed.flatMap((one) => providerGates(settings, one)),
    ...(hasDestinations || routed.length > 0
      ? [
          [
            "gate-cleanup unix n - n - 0 cleanup",
            ["virtual_alias_maps=", "recipient_canonical_maps="],
          ] as const,
        ]
      : []),
  ];
}

const loopbackOptions = [
  "smtp_tls_security_level=none",
  "smtp_sasl_auth_enable=no",
  "smtp_send_xforward_command=no",
];

function smarthostServices(settings: HostSettings): readonly Service[] {
  const smarthosts = destinationSmarthosts(settings);
  if (smarthosts.length === 0) return [];
  const signedIn = smarthosts.some(({ credentials }) => credentials !== null);
  const options = [
    `smtp_sasl_auth_enable=${signedIn ? "yes" : "no"}`,
    // A password is looked up by the smarthost alone: the sender's own is for another.
    "smtp_sender_dependent_authentication=no",
    ...(signedIn ? [`smtp_sasl_password_maps=${tables}/smarthost-passwords`] : []),
  ];
  return [
    ["mailstead-smarthost unix - - n - - smtp", ["syslog_name=postfix/smarthost", ...options]],
    [
      "mailstead-smarthosts unix - - n - - smtp",
      [
        "syslog_name=postfix/smarthost",
        "smtp_tls_wrappermode=yes",
        "smtp_tls_security_level=encrypt",
        ...options,
      ],
    ],
  ];
}

/** The transport to a provider. As many processes as connections, so that all its domains together keep to them. */
function providerService({ route }: NonNullable<RoutedProvider["direct"]>): Service {
  const { provider, limits, prefersIpv4 } = route;
  const processes = limits === null ? "-" : String(Math.max(1, limits.connectionsMax));
  return [
    `${providerTransport(provider)} unix - - n - ${processes} smtp`,
    [
      `syslog_name=postfix/to-${provider}`,
      ...unsigned,
      ...(limits === null ? [] : [`smtp_connection_reuse_count_limit=${messagesPerConnectionMax}`]),
      ...(prefersIpv4 ? ["smtp_address_preference=ipv4"] : []),
    ],
  ];
}

function providerGates(
  settings: HostSettings,
  { provider, direct, smarthost }: RoutedProvider,
): readonly Service[] {
  const gates: Service[] = [];
  const relayForAll = settings.relays.some(
    ({ sendersOf, smarthost: hop }) => sendersOf === "*" && hop !== null,
  );
  const senders = (name: string) => [`check_sender_access,${tables}/${name}`];
  if (direct !== null)
    gates.push(
      gateService(settings, {
        ...direct.gate,
        leadsTo: relayForAll ? filterOf(defaultTransport(settings)) : `${providerTransport(provider)}:`,
        checks: senders(relayForAll ? `gate-senders-${provider}` : "gate-senders"),
      }),
    );
  if (smarthost !== null)
    gates.push(
      gateService(settings, {
        ...smarthost.gate,
        leadsTo: destinationTransportTo(smarthost.route),
        checks: senders("gate-senders"),
      }),
    );
  return gates;
}

/** A filter without a next hop goes to the recipient's own domain, and is told apart by its colon. */
function filterOf(transport: string): string {
  return transport.includes(":") ? transport : `${transport}:`;
}

/**
 * What comes in at a gate is our own mail on its way out: it was checked and signed before. The last filter that a check
 * names is the one that counts, so the weaker reasons come first, and the sender that is a stranger last.
 */
function gateService(
  { loopback }: HostSettings,
  gate: { name: string; port: number; leadsTo: string; checks: readonly string[] },
): Service {
  const checks = [...gate.checks, `check_sender_access,${directoryTable("gate-forwarded.cf")}`];
  const host = loopback.bare === "::1" ? "[::1]" : loopback.bare;
  return [
    `${host}:${gate.port} inet n - n - - smtpd`,
    [
      `syslog_name=postfix/gate-${gate.name}`,
      `content_filter=${gate.leadsTo}`,
      "smtpd_client_restrictions=permit_mynetworks,reject",
      "smtpd_helo_restrictions=",
      "smtpd_sender_restrictions=",
      "smtpd_relay_restrictions=permit_mynetworks,reject",
      `smtpd_recipient_restrictions=${checks.join(",")},permit_mynetworks,reject`,
      "smtpd_data_restrictions=",
      // Else a table would speak for every name below a domain too (access(5)).
      "parent_domain_matches_subdomains=",
      "smtpd_milters=",
      "smtpd_tls_security_level=none",
      "cleanup_service_name=gate-cleanup",
    ],
  ];
}
