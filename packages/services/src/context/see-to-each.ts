import type { Database } from "@mailstead/db";
import type { Installation } from "./installation.ts";
import type { ServiceContext, SystemContext } from "./service-context.ts";
import { ServiceError } from "./service-error.ts";

interface Found {
  organisationId: string;
}

export interface SeeToEach<Row extends Found> {
  /** What the system found, of any organisation. */
  rows: readonly Row[];
  /** Connection of the web's role, so that row level security holds for what is done. */
  app: Database;
  installation: Installation;
  /** How many are worked on side by side; they mostly wait for others. */
  atOnceMax?: number;
}

/**
 * Works on rows that the system found, each in the context of its own organisation, and gives back those that failed. A
 * failure keeps none of the others from their turn, and a row that was removed meanwhile is none. Once `work` has
 * returned "stop", no more are begun.
 */
export async function seeToEach<Row extends Found>(
  ctx: SystemContext,
  { rows, app, installation, atOnceMax = 1 }: SeeToEach<Row>,
  work: (own: ServiceContext, row: Row) => Promise<"stop" | undefined>,
): Promise<{ row: Row; cause: unknown }[]> {
  const failed: { row: Row; cause: unknown }[] = [];
  const waiting = rows.values();
  let isStopped = false;
  const oneAfterTheOther = async () => {
    for (const row of waiting) {
      if (isStopped) return;
      const own = { ...ctx, database: app, installation, organisationId: row.organisationId, tenantId: null };
      try {
        if ((await work(own, row)) === "stop") isStopped = true;
      } catch (cause) {
        if (!(cause instanceof ServiceError && cause.kind === "not-found")) failed.push({ row, cause });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, oneAfterTheOther));
  return failed;
}
