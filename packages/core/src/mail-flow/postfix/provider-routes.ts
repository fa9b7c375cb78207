import { type ProviderId, providers } from "../../delivery/index.ts";
import type { ProviderRoute } from "../../measures/index.ts";
import type { HostSettings, SmarthostRoute } from "../host-settings.ts";

/**
 * A door on loopback through which mail for one receiver comes back in. transport_maps know the recipient only, and win
 * over what the sender decides; at a gate a message has one receiver and one sender, so the sender can be asked again.
 */
export interface Gate {
  readonly name: string;
  readonly port: number;
  readonly leadsTo: "provider" | "smarthost";
  readonly provider: ProviderId;
}

/** What the tables and services of one provider are made from. */
export interface RoutedProvider {
  readonly provider: ProviderId;
  /** Its transport, for mail that leaves directly; null where that needs no transport of its own. */
  readonly direct: { readonly gate: Gate; readonly route: ProviderRoute } | null;
  readonly smarthost: {
    readonly gate: Gate;
    readonly percent: number;
    readonly route: SmarthostRoute;
  } | null;
}

/** The gate of receivers that are named by their domain. */
export const destinationGate = { name: "receivers", port: 10_029 } as const;
const firstPort = 10_030;

const providerIds = Object.keys(providers) as readonly ProviderId[];

/** The transport by which mail leaves for a provider that a measure is about. */
export function providerTransport(provider: ProviderId): string {
  return `mailstead-to-${provider}`;
}

/**
 * Each provider whose mail has a route of its own. A measure that relays takes all of it, before any share that was set;
 * one that wants a standby smarthost where there is none leads nowhere and changes nothing.
 */
export function routedProviders({ providerRoutes, destinations }: HostSettings): readonly RoutedProvider[] {
  return providerIds.flatMap((provider): RoutedProvider[] => {
    const route = providerRoutes.find((one) => one.provider === provider);
    const share = destinations.providers.find((one) => one.provider === provider);
    const relayed =
      route?.isRelayed && destinations.standby !== null
        ? { percent: 100, route: destinations.standby }
        : share && { percent: share.percent, route: share.smarthost };
    const hasOwnTransport = route !== undefined && (route.limits !== null || route.prefersIpv4);
    if (!hasOwnTransport && relayed === undefined) return [];
    return [
      {
        provider,
        direct: hasOwnTransport ? { gate: gateOf(provider, "provider"), route } : null,
        smarthost: relayed === undefined ? null : { gate: gateOf(provider, "smarthost"), ...relayed },
      },
    ];
  });
}

/** Ports stay with their provider, so that mail on its way while tables change never enters by another's gate. */
function gateOf(provider: ProviderId, leadsTo: Gate["leadsTo"]): Gate {
  const port = firstPort + 2 * providerIds.indexOf(provider) + (leadsTo === "provider" ? 0 : 1);
  return { name: leadsTo === "provider" ? provider : `${provider}-smarthost`, port, leadsTo, provider };
}

/** The transport that brings mail to a gate. */
export function toGate({ loopback }: HostSettings, { port }: { port: number }): string {
  return `mailstead-forward:[${loopback.bare}]:${port}`;
}

/** By which gate a provider's mail leaves: a share of its recipients, and all others. */
export interface ProviderWays {
  readonly split: readonly {
    readonly provider: ProviderId;
    readonly gate: string;
    readonly percent: number;
  }[];
  readonly whole: readonly { readonly provider: ProviderId; readonly gate: string }[];
}

export function providerWays(settings: HostSettings): ProviderWays {
  const split: ProviderWays["split"][number][] = [];
  const whole: ProviderWays["whole"][number][] = [];
  for (const { provider, direct, smarthost } of routedProviders(settings)) {
    const isShared = smarthost !== null && smarthost.percent < 100;
    if (isShared)
      split.push({ provider, gate: toGate(settings, smarthost.gate), percent: smarthost.percent });
    const gate = isShared ? direct?.gate : (smarthost?.gate ?? direct?.gate);
    if (gate !== undefined) whole.push({ provider, gate: toGate(settings, gate) });
  }
  return { split, whole };
}

/** Receivers by domain that are not at home here: mail for those is delivered, whatever else is said of them. */
export function destinationDomains(settings: HostSettings): HostSettings["destinations"]["domains"] {
  const own = ownNames(settings);
  return settings.destinations.domains.filter(({ domain }) => !own.has(domain));
}

/** Names whose mail stays here or goes to their home, as far as the target state knows them. */
export function ownNames({ hostname, domains, shares }: HostSettings): ReadonlySet<string> {
  return new Set([hostname, "localhost", ...domains, ...shares.relayed.map(({ domain }) => domain)]);
}
