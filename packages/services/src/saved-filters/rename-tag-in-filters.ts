import { splitTags } from "@mailstead/core/tags";
import { savedFilters, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";

/** Has the filters that ask for a tag ask for its new name, in the transaction that renames it. */
export async function renameTagInFilters(
  tx: Transaction,
  { name, newName }: { name: string; newName: string },
): Promise<void> {
  const { id, query } = savedFilters;
  const filters = await tx.select({ id, query }).from(savedFilters).where(eq(savedFilters.list, "servers"));
  for (const filter of filters) {
    const asked = new URLSearchParams(filter.query);
    const tags = splitTags(asked.get("tags") ?? "");
    if (!tags.includes(name)) continue;
    asked.set("tags", tags.map((tag) => (tag === name ? newName : tag)).join(","));
    await tx.update(savedFilters).set({ query: asked.toString() }).where(eq(id, filter.id));
  }
}
