import { z } from "zod";

const filtersSchema = z.object({
  domainId: z.uuid().optional().catch(undefined),
  tenantId: z.uuid().optional().catch(undefined),
  search: z.string().max(200).optional().catch(undefined),
});
export type MailboxFilters = z.infer<typeof filtersSchema>;

/** Reads which mailboxes to show from an address, of one domain when it is named; what does not fit is left out. */
export function readMailboxFilters(
  params: { get(name: string): string | null },
  domainId?: string,
): MailboxFilters {
  return filtersSchema.parse({
    domainId,
    search: params.get("q") ?? undefined,
    // A domain has one customer, so there is nothing to narrow down on its page.
    tenantId: domainId === undefined ? (params.get("customer") ?? undefined) : undefined,
  });
}

/** The list of mailboxes with this one in it, where it is given a new password. */
export function mailboxHref(address: string): string {
  return `/mailboxes?${new URLSearchParams({ q: address })}`;
}
