import type { ProviderId } from "../delivery/index.ts";
import type { ComplaintSource, ToldShare } from "./sender-figures.ts";

/** Whose complaints: of a domain, of a server's addresses, or of all that can be seen. */
export interface ComplaintScope {
  readonly domainId?: string;
  readonly serverId?: string;
}

/** Complaints about a sender's mail on one day, as one source tells them. */
export interface ComplaintDay {
  readonly source: ComplaintSource;
  /** Whose recipients complained; null where the receiver is none that many domains share. */
  readonly provider: ProviderId | null;
  /** Who told of them, by its own name. */
  readonly reporter: string;
  readonly domainId: string | null;
  /** Null where only the domain is known, or nobody's server here has the address. */
  readonly serverId: string | null;
  /** That the mail came from; null where it is not told. */
  readonly address: string | null;
  /** As 2026-11-20, in UTC. */
  readonly day: string;
  /** How many; null where the source tells a share alone. */
  readonly complaints: number | null;
  /** Messages that they are among; null where the source does not tell. */
  readonly of: number | null;
  /** Null where the source passes complaints on one by one. */
  readonly share: ToldShare | null;
}
