import type { CheckFinding } from "../dns/index.ts";

export type RouteFindingKind = "rpki-invalid" | "rpki-unsigned";

/** How the network that an address lies in is announced, and what the owner signed about it (RFC 6811 §2). */
export interface RouteOrigin {
  address: string;
  prefix: string;
  /** Number of the network that announces it. */
  asn: number;
  validity: "valid" | "invalid" | "not-found";
  source: string;
  /** As ISO text. */
  askedAt: string;
}

/** Judges whether networks that check origins take the routes to these addresses. */
export function judgeRoutes(routes: readonly RouteOrigin[]): CheckFinding<RouteFindingKind>[] {
  return routes.flatMap(({ address, prefix, asn, validity, source }): CheckFinding<RouteFindingKind>[] => {
    const evidence = [`${source}: ${address} in ${prefix} of AS${asn}, ${validity}`];
    if (validity === "valid") return [];
    if (validity === "invalid")
      return [
        {
          kind: "rpki-invalid",
          about: address,
          severity: "error",
          sentence: `The network ${prefix} that ${address} lies in is announced by AS${asn}, against what its owner has signed (RPKI).`,
          evidence,
          why: "Networks that check drop the route, so the server cannot be reached from there; or somebody else has taken it over.",
          fix: "Tell the provider that rents out the address, with this evidence.",
        },
      ];
    return [
      {
        kind: "rpki-unsigned",
        about: address,
        severity: "instruction",
        sentence: `Nobody has signed who may announce ${prefix}, the network that ${address} lies in (RPKI).`,
        evidence,
        why: "Somebody else can announce it and receive its mail, and tests such as internet.nl tell of it.",
        fix: "Ask the provider that rents out the address to publish a ROA for its network.",
      },
    ];
  });
}
