import type { Transaction } from "@mailstead/db";
import type { z } from "zod";

/** Whose rows they are. */
export interface StreamOwner {
  readonly serverId: string;
  readonly organisationId: string;
  readonly tenantId: string;
}

/** What becomes of the batches of one stream. */
export interface StreamReader<Batch> {
  /** Only what has this shape is stored, whatever an agent claims. */
  readonly schema: z.ZodType<Batch>;
  /** Stores a batch in the transaction that notes its number; called once for each. */
  store(tx: Transaction, told: { owner: StreamOwner; batch: Batch; now: Date }): Promise<void>;
}
