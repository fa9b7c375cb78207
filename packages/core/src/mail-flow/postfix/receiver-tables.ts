import type { RenderedFile } from "../../converge/index.ts";
import { consumerDomains, type ProviderId } from "../../delivery/index.ts";
import { forwardedSenderQuery, providerRouteQuery, providerSplitQuery } from "../../mailboxes/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import {
  destinationDomains,
  destinationGate,
  ownNames,
  providerTransport,
  providerWays,
  routedProviders,
} from "./provider-routes.ts";
import { destinationTransportTo, directTransport, senderRoutes } from "./relays.ts";

/** The tables that the gates, and the way to them, are asked by; nothing where no receiver has a route of its own. */
export function renderReceiverTables(settings: HostSettings): readonly RenderedFile[] {
  const routed = routedProviders(settings);
  const destinations = destinationDomains(settings);
  if (routed.length === 0 && destinations.length === 0) return [];
  const relayForAll = settings.relays.some(
    ({ sendersOf, smarthost }) => sendersOf === "*" && smarthost !== null,
  );
  return [
    table("gate-senders", gateSenders(settings, null)),
    question(
      "gate-forwarded.cf",
      forwardedSenderQuery({
        hostname: settings.hostname,
        transport: `FILTER mailstead-forward:[${settings.loopback.bare}]:10027`,
      }),
    ),
    ...(destinations.length === 0
      ? []
      : [
          table(
            "receiver-gates",
            destinations.map(
              ({ domain }) =>
                `${domain} mailstead-receivers:[${settings.loopback.bare}]:${destinationGate.port}`,
            ),
          ),
          table(
            "receiver-filters",
            destinations.map(
              ({ domain, smarthost }) =>
                `${domain} FILTER ${smarthost === null ? directTransport : destinationTransportTo(smarthost)}`,
            ),
          ),
        ]),
    ...routed
      .filter(({ direct }) => direct !== null && relayForAll)
      .map(({ provider }) =>
        table(`gate-senders-${provider}`, gateSenders(settings, `${providerTransport(provider)}:`)),
      ),
    ...providerQuestions(settings),
  ];
}

/** Senders that do not leave by what the gate leads to. An answer for an address keeps its domain's from being asked. */
function gateSenders(settings: HostSettings, direct: string | null): readonly string[] {
  return senderRoutes(settings).flatMap(({ sender, transport }) => {
    const filter = transport ?? direct;
    if (filter !== null) return [`${sender} FILTER ${filter}`];
    return sender.includes("@") ? [`${sender} DUNNO`] : [];
  });
}

function providerQuestions(settings: HostSettings): readonly RenderedFile[] {
  const { split, whole } = providerWays(settings);
  const except = [
    ...new Set([...ownNames(settings), ...settings.destinations.domains.map(({ domain }) => domain)]),
  ];
  const known = (ways: readonly { provider: ProviderId }[]) =>
    ways.map(({ provider }) => ({ provider, domains: consumerDomains[provider] ?? [] }));
  return [
    ...(split.length === 0
      ? []
      : [question("provider-splits.cf", providerSplitQuery({ gates: split, known: known(split), except }))]),
    ...(whole.length === 0
      ? []
      : [question("provider-routes.cf", providerRouteQuery({ gates: whole, known: known(whole), except }))]),
  ];
}

function table(name: string, lines: readonly string[]): RenderedFile {
  return stackFile("postfix", `${stackPaths.postfixTables}/${name}`, {
    content: fileNotice + lines.map((line) => `${line}\n`).join(""),
  });
}

function question(name: string, query: string): RenderedFile {
  return stackFile("postfix", `${stackPaths.postfixTables}/${name}`, {
    content: `${fileNotice}dbpath = ${stackPaths.directoryDatabase}\nquery = ${query}\n`,
  });
}
