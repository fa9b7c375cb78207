import { feedbackIdOf } from "../feeds/index.ts";
import { combineMeasures, type ProviderRoute } from "../measures/index.ts";
import {
  type DestinationRelay,
  relayedProvider,
  type Smarthost,
  type Suite,
  standbyRelay,
  type TargetState,
  targetStateSchema,
} from "../servers/index.ts";
import { type DomainShares, isAtHome, readDomainShares } from "./domain-shares.ts";
import { type DnsSettings, readDnsSettings } from "./host/knot.ts";
import { type ServedCertificates, servedCertificates } from "./installed-certificates.ts";
import { oneLine, oneWord } from "./one-line.ts";
import { checkOverrides } from "./overrides/index.ts";
import { RenderError } from "./render-error.ts";

/** What a renderer needs besides the target state: the host's suite, and the secrets that only this host opens. */
export interface RenderHost {
  suite: Suite;
  /** Clear text of a sealed secret. A preview passes a function that returns a row of bullets. */
  openSecret: (secret: { box: string }) => string;
}

export interface SmarthostRoute {
  host: string;
  port: number;
  verifiesCertificate: boolean;
  credentials: { username: string; password: string } | null;
}

export interface RelayRoute {
  /** "*", a sender's domain or a sender's address. */
  sendersOf: string;
  smarthost: SmarthostRoute | null;
}

/** Where mail for receivers goes, whoever sends it. */
export interface DestinationRoutes {
  /** By domain of the recipient; null leads to the receiver's own hosts. */
  domains: readonly { domain: string; smarthost: SmarthostRoute | null }[];
  /** Of a hundred recipients at a provider, how many go through a smarthost. */
  providers: readonly { provider: ProviderRoute["provider"]; percent: number; smarthost: SmarthostRoute }[];
  /** Where measures lead to; null where nobody has set it. */
  standby: SmarthostRoute | null;
}

/** The one model that every renderer reads; each value in it is safe to write as a single word or a single line. */
export interface HostSettings {
  suite: Suite;
  hostname: string;
  /** True when the host name is itself a mail domain, so that its mail is virtual and not local. */
  isHostnameHosted: boolean;
  /** Domains whose mailboxes are here. */
  domains: readonly string[];
  shares: DomainShares;
  relays: readonly RelayRoute[];
  destinations: DestinationRoutes;
  /** What measures demand, one entry for each provider. */
  providerRoutes: readonly ProviderRoute[];
  tlsExceptions: TargetState["tlsExceptions"];
  /** Value of the Feedback-ID header of submitted mail; null for none. */
  feedbackId: string | null;
  stack: TargetState["stack"];
  web: TargetState["web"];
  overrides: TargetState["overrides"];
  certificates: ServedCertificates;
  dns: DnsSettings;
  /** Loopback in the family that is switched on, as an address that Postfix and PostSRSd both read. */
  loopback: { bare: string; bracketed: string };
}

/**
 * Opens secrets and checks every value once more, because what follows writes them into files that root's daemons
 * read. Throws RenderError with a sentence for the operator.
 */
export function readHostSettings(unchecked: TargetState, host: RenderHost): HostSettings {
  const target = checkedTarget(unchecked);
  checkOverrides(target.overrides);
  const isIpv6Only = target.stack.ipFamilies === "ipv6-only";
  const names = target.domains.map((domain) => oneWord(domain.name, "A domain name"));
  return {
    suite: host.suite,
    hostname: oneWord(target.hostname, "The host name"),
    isHostnameHosted: names.includes(target.hostname),
    domains: target.domains.filter(isAtHome).map(({ name }) => name),
    shares: readDomainShares(target),
    relays: target.relays.map(({ sendersOf, smarthost }) => ({
      sendersOf: oneWord(sendersOf, "A relay's domain"),
      smarthost: smarthost && readSmarthost(smarthost, host.openSecret),
    })),
    destinations: readDestinations(target.destinationRelays, host.openSecret),
    providerRoutes: combineMeasures(target.measures),
    tlsExceptions: target.tlsExceptions.map((exception) => ({
      ...exception,
      domain: oneWord(exception.domain, "A domain of an exception") as typeof exception.domain,
      reason: oneLine(exception.reason.trim(), "The reason of an exception"),
    })),
    feedbackId:
      target.feedbackSenderId === undefined
        ? null
        : feedbackIdOf({ serverId: target.serverId, senderId: target.feedbackSenderId }),
    stack: target.stack,
    web: target.web,
    overrides: target.overrides,
    certificates: servedCertificates(target),
    dns: readDnsSettings(target.dns, host.openSecret),
    loopback: isIpv6Only
      ? { bare: "::1", bracketed: "[::1]" }
      : { bare: "127.0.0.1", bracketed: "127.0.0.1" },
  };
}

function checkedTarget(target: TargetState): TargetState {
  const parsed = targetStateSchema.safeParse(target);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RenderError(
    `The target state cannot be rendered: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}.`,
  );
}

function readDestinations(
  relays: readonly DestinationRelay[],
  openSecret: RenderHost["openSecret"],
): DestinationRoutes {
  const domains: { domain: string; smarthost: SmarthostRoute | null }[] = [];
  const providers: DestinationRoutes["providers"][number][] = [];
  let standby: SmarthostRoute | null = null;
  for (const { to, percent, smarthost: sealed } of relays) {
    const smarthost = sealed && readSmarthost(sealed, openSecret);
    const provider = relayedProvider(to);
    if (to === standbyRelay) standby = smarthost;
    else if (provider === null) domains.push({ domain: oneWord(to, "A receiver's domain"), smarthost });
    else if (smarthost !== null) providers.push({ provider, percent, smarthost });
  }
  return { domains, providers, standby };
}

function readSmarthost(smarthost: Smarthost, openSecret: RenderHost["openSecret"]): SmarthostRoute {
  const host = oneWord(smarthost.host, "A relay's host name");
  const { username, password } = smarthost;
  return {
    host,
    port: smarthost.port,
    verifiesCertificate: smarthost.verifiesCertificate,
    credentials:
      username === undefined || password === undefined
        ? null
        : readCredentials(host, username, openSecret(password)),
  };
}

function readCredentials(host: string, username: string, password: string) {
  // Postfix splits the entry at its first colon, so a colon in the name would move part of it into the password.
  if (username === "" || username.includes(":"))
    throw new RenderError(`The user name for the relay ${host} must be neither empty nor hold a colon.`);
  return {
    username: oneLine(username, `The user name for the relay ${host}`),
    password: oneLine(password, `The password for the relay ${host}`),
  };
}
