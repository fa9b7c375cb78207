import { DnsProviderError } from "./provider.ts";

/** How long a list is read to its end; who has more names the zones by giving the credentials fewer rights. */
const pagesMax = 100;

/**
 * Joins the pages of a list, asked for one after the other until one says that it is the last. Throws for a list without
 * end: what stands on the pages that were not read would be taken for not there.
 */
export async function allPages<T>(
  provider: string,
  read: (page: number) => Promise<{ items: readonly T[]; isLast: boolean }>,
): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; page <= pagesMax; page += 1) {
    const { items, isLast } = await read(page);
    all.push(...items);
    if (isLast) return all;
  }
  throw new DnsProviderError(
    "rejected",
    `${provider} lists more than ${pagesMax} pages, of which Mailstead reads no more; give the credentials access to fewer zones.`,
  );
}
