import { hostedAddressSchema } from "@mailstead/core/mailboxes";
import { type Relay, relaySchema } from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import type { SettingsChanged } from "./change-settings.ts";
import { forgetPasswordsExcept } from "./relay-passwords.ts";
import { sealSmarthost, typedSmarthostSchema, withoutPassword } from "./seal-smarthost.ts";
import { getServerForChange, type ServerForChange } from "./server-for-change.ts";
import { typedHostNameSchema } from "./server-name.ts";
import { changeTargetState, readTargetState } from "./target-state-store.ts";

const setRelaysInput = z.object({
  serverId: z.uuid(),
  relays: z
    .array(
      z.object({
        sendersOf: z.union([
          z.literal("*"),
          z.string().trim().toLowerCase().includes("@").pipe(hostedAddressSchema),
          typedHostNameSchema,
        ]),
        smarthost: typedSmarthostSchema.nullable(),
      }),
    )
    .max(5000)
    .refine(
      (relays) => new Set(relays.map((relay) => relay.sendersOf)).size === relays.length,
      "each domain or address has at most one relay",
    ),
});
type WantedRelay = z.output<typeof setRelaysInput>["relays"][number];

/**
 * Replaces the relays of a server. Passwords are sealed for its agent, and with the master key at rest; neither
 * appears in the audit. Throws `precondition-failed` for a password before the agent has called.
 */
export async function setRelays(
  ctx: ServiceContext,
  input: z.input<typeof setRelaysInput>,
): Promise<SettingsChanged> {
  requireRole(ctx, "technician");
  const { serverId, relays } = parseInput(setRelaysInput, input);
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    const sealed = await sealRelays(tx, ctx, { server, relays });
    const changed = await changeTargetState(tx, ctx, {
      server,
      summary: "Relays changed",
      change: (state) => ({ ...state, relays: sealed }),
    });
    if (changed.isChanged)
      await recordAudit(tx, ctx, {
        organisationId: server.organisationId,
        tenantId: server.tenantId,
        action: "set-relays",
        subject: { kind: "server", id: server.id, name: server.name },
        before: changed.before.relays.map(withoutSecret),
        after: changed.after.relays.map(withoutSecret),
      });
    return { revision: changed.revision, jobId: changed.jobId };
  });
}

async function sealRelays(
  tx: Transaction,
  ctx: ServiceContext,
  { server, relays }: { server: ServerForChange; relays: readonly WantedRelay[] },
): Promise<Relay[]> {
  const { state } = await readTargetState(tx, server);
  const sealed: Relay[] = [];
  for (const { sendersOf, smarthost: wanted } of relays) {
    const before = state.relays.find((relay) => relay.sendersOf === sendersOf)?.smarthost ?? null;
    const smarthost =
      wanted && (await sealSmarthost(tx, ctx, { server, purpose: sendersOf, wanted, before }));
    sealed.push(relaySchema.parse({ sendersOf, smarthost }));
  }
  const withPassword = sealed.filter((relay) => relay.smarthost?.password !== undefined);
  await forgetPasswordsExcept(tx, {
    server,
    purposes: withPassword.map((relay) => relay.sendersOf),
    of: "senders",
  });
  return sealed;
}

function withoutSecret({ sendersOf, smarthost }: Relay) {
  return { sendersOf, smarthost: smarthost && withoutPassword(smarthost) };
}
