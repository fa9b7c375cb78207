/** How many zones of one account are listed; who has more names the zones by giving the credentials fewer rights. */
const pagesMax = 100;

/** Joins the pages of a list, asked for one after the other until one says that it is the last. */
export async function allPages<T>(
  read: (page: number) => Promise<{ items: readonly T[]; isLast: boolean }>,
): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; page <= pagesMax; page += 1) {
    const { items, isLast } = await read(page);
    all.push(...items);
    if (isLast) break;
  }
  return all;
}
