import type { ProviderSettings } from "@mailstead/core/publishing";
import type { Database, Installation, SystemContext } from "../context/index.ts";
import type { DnsProvider, WriteOptions } from "../dns/index.ts";
import type { SecretOpener } from "../secrets/index.ts";

/** What publishing works with; only the worker has it all. */
export interface PublishingWorker {
  /** Reads connections and keeps what was written, across organisations. */
  readonly system: SystemContext;
  /** Plans a domain's records in the context of its own organisation. */
  readonly app: Database;
  readonly installation: Installation;
  readonly opener: SecretOpener;
  openProvider(settings: ProviderSettings): DnsProvider;
  readonly writeOptions?: WriteOptions;
}

/** Whose zones are meant. */
export interface PublishingScope {
  organisationId: string;
  tenantId: string;
  /** Through this connection alone, though it is about to go; left out, through all that stay. */
  connectionId?: string;
}
