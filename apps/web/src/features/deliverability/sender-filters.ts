import { z } from "zod";
import { readFleetFilters } from "./fleet-filters.ts";

/** Kinds of senders that the list may be narrowed to. */
export const senderKinds = ["unknown", "service", "ours", "all"] as const;

const kind = z.enum(senderKinds).catch("unknown");

/** Reads what the list of senders is about from its address; what does not fit is left out. */
export function readSenderFilters(params: { get(name: string): string | null }) {
  const { span, search, tenantId } = readFleetFilters(params);
  return { span, search, tenantId, whose: kind.parse(params.get("whose") ?? undefined) };
}
