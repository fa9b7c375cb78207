import type { HostSettings } from "../host-settings.ts";
import { directoryTable } from "./directory-table.ts";
import { destinationDomains, providerTransport, providerWays, routedProviders } from "./provider-routes.ts";

type Parameters = readonly (readonly [name: string, value: string])[];

/** Tables that say by which gate mail for a receiver goes; Postfix asks all of them for the address, then for its domain. */
export function receiverTransportMaps(settings: HostSettings): readonly string[] {
  const { split, whole } = providerWays(settings);
  return [
    ...(destinationDomains(settings).length === 0
      ? []
      : ["texthash:$config_directory/mailstead/receiver-gates"]),
    ...(split.length === 0 ? [] : [directoryTable("provider-splits.cf")]),
    ...(whole.length === 0 ? [] : [directoryTable("provider-routes.cf")]),
  ];
}

/** What the queue manager holds to for the transport of each provider that a measure is about (postconf(5)). */
export function providerParameters(settings: HostSettings): Parameters {
  const parameters: (readonly [string, string])[] = [];
  const held: string[] = [];
  for (const { provider, direct } of routedProviders(settings)) {
    const limits = direct?.route.limits;
    if (limits == null) continue;
    const name = providerTransport(provider);
    if (limits.connectionsMax === 0) held.push(name);
    const concurrency = String(Math.max(1, limits.connectionsMax));
    parameters.push(
      [`${name}_initial_destination_concurrency`, "1"],
      [`${name}_destination_concurrency_limit`, concurrency],
      // One refusal of a whole connection is enough to leave a domain alone until the next try.
      [`${name}_destination_concurrency_failed_cohort_limit`, "1"],
      [`${name}_destination_recipient_limit`, String(limits.recipientsPerMessageMax)],
      ...(limits.secondsBetweenMessages === 0
        ? []
        : ([[`${name}_transport_rate_delay`, `${limits.secondsBetweenMessages}s`]] as const)),
    );
  }
  return [
    ...(destinationDomains(settings).length === 0
      ? []
      : ([["mailstead-receivers_destination_recipient_limit", "1"]] as const)),
    ...(held.length === 0 ? [] : ([["defer_transports", held.join(", ")]] as const)),
    ...parameters,
  ];
}
