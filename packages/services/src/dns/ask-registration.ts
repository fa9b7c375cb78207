import type { Registration } from "@mailstead/core/checks";
import { z } from "zod";
import { askJson } from "./ask-json.ts";

/** What is read of a domain's entry (RFC 9083 §5.3). */
const domainSchema = z.object({
  ldhName: z.string().optional(),
  status: z.array(z.string()).default([]),
  events: z.array(z.object({ eventAction: z.string(), eventDate: z.string() })).default([]),
});

/** Under a registry's suffix of several labels the entry lies a few labels above a mail domain. */
const namesMax = 3;

/**
 * What the register says of a domain, or of the nearest name above it that is registered. Null when no register could
 * be asked, or none has it. Follows the service's redirects to the register in charge (RFC 7484).
 */
export async function askRegistration(domain: string, rdapUrl: string): Promise<Registration | null> {
  const labels = domain.split(".");
  for (let at = 0; at < Math.min(labels.length - 1, namesMax); at += 1) {
    const name = labels.slice(at).join(".");
    const answer = await askJson(`${rdapUrl}/domain/${encodeURIComponent(name)}`, domainSchema);
    if (answer.kind === "failed") return null;
    if (answer.kind === "absent") continue;
    const expiry = answer.value.events.find(({ eventAction }) => eventAction === "expiration")?.eventDate;
    return {
      name,
      source: new URL(rdapUrl).host,
      expiresAt: expiry === undefined || Number.isNaN(Date.parse(expiry)) ? null : expiry,
      statuses: answer.value.status.map((status) => status.toLowerCase()),
    };
  }
  return null;
}
