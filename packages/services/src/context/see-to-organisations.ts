import { type Database, organisations } from "@mailstead/db";
import type { Installation } from "./installation.ts";
import { seeToEach } from "./see-to-each.ts";
import { type ServiceContext, type SystemContext, withSystemTransaction } from "./service-context.ts";

/** Works on every organisation in its own context, and gives those in which that failed, which keeps none of the others from their turn. */
export async function seeToOrganisations(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
  work: (own: ServiceContext) => Promise<void>,
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx.select({ organisationId: organisations.id }).from(organisations),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    await work(own);
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}
