import type { RecordPublisher, Resolver } from "../dns/index.ts";
import type { LookAtHost } from "./look-at-host.ts";
import type { AcmeAccount } from "./open-account.ts";

/** What getting a certificate works with besides the database. */
export interface CertificateDeps {
  /** Opens our account at the CA, once for a whole run. Throws AcmeError. */
  openAccount(): Promise<AcmeAccount>;
  publisher: RecordPublisher;
  resolver: Resolver;
  lookAtHost: LookAtHost;
  /** How long one run waits for the CA and for name servers; the next run goes on. */
  patienceMs: number;
  /** How often they are asked meanwhile. */
  pollEveryMs: number;
}
