import type { Transaction } from "@mailstead/db";
import type { z } from "zod";

/** Whose rows they are. */
export interface StreamOwner {
  readonly serverId: string;
  readonly organisationId: string;
  readonly tenantId: string;
}

/** A batch of one host, in the shape of its stream. */
export interface ToldBatch<Batch> {
  readonly owner: StreamOwner;
  readonly batch: Batch;
}

/** What could be read of a batch, how much could not, and the first reason. */
export interface PartOfBatch<Batch> {
  readonly batch: Batch;
  readonly unreadRows: number;
  readonly problem: string;
}

/** What becomes of the batches of one stream. */
export interface StreamReader<Batch> {
  /** Only what has this shape is stored, whatever an agent claims. */
  readonly schema: z.ZodType<Batch>;
  /** Reads what can be read of a batch that has not this shape; left out, nothing of such a batch is stored. */
  readInPart?(batch: unknown): PartOfBatch<Batch> | null;
  /** Stores a batch in the transaction that notes its number; called once for each. */
  store(tx: Transaction, told: ToldBatch<Batch> & { readonly now: Date }): Promise<void>;
  /** Stores batches of several hosts, one of each, for less than one after the other; left out, they are stored so. */
  storeTogether?(tx: Transaction, told: readonly ToldBatch<Batch>[], now: Date): Promise<void>;
}
