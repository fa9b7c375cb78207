import { serverTags } from "@mailstead/db";
import { asc, count } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";

export interface TagLine {
  readonly name: string;
  /** How many servers bear it that the person may see. */
  readonly servers: number;
}

/** The tags that servers bear, by the alphabet. */
export function listTags(ctx: ServiceContext): Promise<readonly TagLine[]> {
  return withTransaction(ctx, (tx) =>
    tx
      .select({ name: serverTags.tag, servers: count() })
      .from(serverTags)
      .groupBy(serverTags.tag)
      .orderBy(asc(serverTags.tag)),
  );
}
