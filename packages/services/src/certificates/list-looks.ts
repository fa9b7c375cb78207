import { certificateLooks } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const looksInput = z.object({ domainId: z.uuid(), serverId: z.uuid().optional() });

export interface CertificateLook {
  serverId: string;
  /** Why no certificate was ordered, in plain words. */
  sentence: string;
  lookedAt: Date;
  nextLookAt: Date;
}

/** Where it is looked by itself whether the names of a domain lead to its servers, so that its certificates are ordered. */
export async function listCertificateLooks(
  ctx: ServiceContext,
  input: z.input<typeof looksInput>,
): Promise<CertificateLook[]> {
  const { domainId, serverId } = parseInput(looksInput, input);
  return withTransaction(ctx, (tx) =>
    tx
      .select({
        serverId: certificateLooks.serverId,
        sentence: certificateLooks.sentence,
        lookedAt: certificateLooks.lookedAt,
        nextLookAt: certificateLooks.nextLookAt,
      })
      .from(certificateLooks)
      .where(
        and(
          eq(certificateLooks.domainId, domainId),
          serverId === undefined ? undefined : eq(certificateLooks.serverId, serverId),
        ),
      ),
  );
}
