/** How a server reaches others: the resolvers that it asks, and exceptions from the TLS that it demands. */
export const delivery = {
  "forwarders.title": "DNS",
  "forwarders.lead":
    "The host looks names up at the world’s name servers itself, and verifies what they say.",
  "forwarders.addresses": "Ask these resolvers instead",
  "forwarders.hint":
    "Only where the network blocks port 53. One address per line. They must pass DNSSEC on; some block lists refuse shared resolvers.",
  "tls-exceptions.title": "Exceptions from TLS",
  "tls-exceptions.lead":
    "Mail waits when a receiver breaks its own DANE or MTA-STS policy. To those named here it goes anyway, and in the clear if they offer no TLS.",
  "tls-exceptions.domain": "Receiving domain",
  "tls-exceptions.reason": "Reason",
  "tls-exceptions.until": "Last day",
  "tls-exceptions.add": "Add exception",
  "tls-exceptions.remove": "Remove the exception for {domain}",
} as const;
