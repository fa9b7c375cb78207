import type { TargetState } from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
import { recordAudit } from "../audit/index.ts";
import type { ServiceContext } from "../context/index.ts";
import type { SettingsChanged } from "./change-settings.ts";
import { checkDomainsSoon } from "./check-domains-soon.ts";
import type { ServerForChange } from "./server-for-change.ts";
import { changeTargetState } from "./target-state-store.ts";

interface SmarthostsChange {
  readonly server: ServerForChange;
  /** By who sends, or by who receives. */
  readonly what: "relays" | "smarthosts";
  /** Whether the host has not tried those that are new. */
  readonly isUntested: boolean;
  readonly change: (state: TargetState) => TargetState;
  /** What the audit keeps of them: everything but passwords. */
  readonly told: (state: TargetState) => unknown;
}

const titles = { relays: "Relays", smarthosts: "Smarthosts" } as const;

/** Brings through whom mail leaves into a server's target state, with its place in the audit. */
export async function changeSmarthosts(
  tx: Transaction,
  ctx: ServiceContext,
  { server, what, isUntested, change, told }: SmarthostsChange,
): Promise<SettingsChanged> {
  const changed = await changeTargetState(tx, ctx, {
    server,
    summary: `${titles[what]} changed${isUntested ? ", untested" : ""}`,
    change,
  });
  if (changed.isChanged) {
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: isUntested ? (`set-${what}-untested` as const) : (`set-${what}` as const),
      subject: { kind: "server", id: server.id, name: server.name },
      before: told(changed.before),
      after: told(changed.after),
    });
    // Their SPF records name the services that mail leaves through.
    await checkDomainsSoon(tx, { serverId: server.id, now: ctx.now() });
  }
  return { revision: changed.revision, jobId: changed.jobId };
}
