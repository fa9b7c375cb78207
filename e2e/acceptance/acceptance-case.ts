import type { MailHost } from "./mail-host.ts";

/** One promise of a mail server, as it must show from outside. `run` throws when it does not hold. */
export interface AcceptanceCase {
  readonly id: `AT-${string}`;
  readonly promise: string;
  run(server: MailHost): Promise<void>;
}
