import type { RouteOrigin } from "@mailstead/core/checks";
import { z } from "zod";
import { askJson } from "../dns/index.ts";

const networkSchema = z.object({
  data: z.object({ asns: z.array(z.union([z.string(), z.number()])), prefix: z.string() }),
});
const validationSchema = z.object({ data: z.object({ status: z.string() }) });

const askAgainAfterMs = 20 * 3_600_000;

/**
 * How the networks of these addresses are announced and whether their owners signed that, from a service that speaks
 * RIPEstat's data API. An address of which nothing could be learnt is left out; what is known of today is not asked again.
 */
export async function askRoutes(
  addresses: readonly string[],
  { rpkiUrl, before, now }: { rpkiUrl: string; before: readonly RouteOrigin[]; now: Date },
): Promise<RouteOrigin[]> {
  const found = await Promise.all(
    addresses.map((address) => {
      const known = before.find(
        (one) => one.address === address && now.getTime() - Date.parse(one.askedAt) < askAgainAfterMs,
      );
      return known ?? askRoute(address, { rpkiUrl, now });
    }),
  );
  return found.filter((one) => one !== null);
}

async function askRoute(
  address: string,
  { rpkiUrl, now }: { rpkiUrl: string; now: Date },
): Promise<RouteOrigin | null> {
  const network = await askJson(
    `${rpkiUrl}/network-info/data.json?resource=${encodeURIComponent(address)}`,
    networkSchema,
  );
  const asn = network.kind === "found" ? Number(network.value.data.asns[0]) : Number.NaN;
  if (network.kind !== "found" || !Number.isInteger(asn)) return null;
  const { prefix } = network.value.data;
  const said = await askJson(
    `${rpkiUrl}/rpki-validation/data.json?resource=AS${asn}&prefix=${encodeURIComponent(prefix)}`,
    validationSchema,
  );
  const validity = said.kind === "found" ? validityOf(said.value.data.status) : null;
  if (validity === null) return null;
  return { address, prefix, asn, validity, source: new URL(rpkiUrl).host, askedAt: now.toISOString() };
}

/** RIPEstat tells two kinds of invalid apart, and calls what nobody signed unknown. */
function validityOf(status: string): RouteOrigin["validity"] | null {
  if (status === "valid") return "valid";
  if (status.startsWith("invalid")) return "invalid";
  return status === "unknown" ? "not-found" : null;
}
