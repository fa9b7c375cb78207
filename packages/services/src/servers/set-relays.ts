import { type Relay, relaySchema, type SealedSecret } from "@mailstead/core/servers";
import { agents, relaySecrets, type Transaction } from "@mailstead/db";
import { and, eq, notInArray } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import type { SettingsChanged } from "./change-settings.ts";
import { openAtRest, sealAtRest, sealForAgent } from "./seal-secret.ts";
import { typedHostNameSchema } from "./server-name.ts";
import { changeTargetState, getServerForChange, type ServerForChange } from "./target-state-store.ts";

const oneLine = z
  .string()
  .max(255)
  .regex(/^[^\p{Cc}]*$/u, "this must be one line of text");

const setRelaysInput = z.object({
  serverId: z.uuid(),
  relays: z
    .array(
      z.object({
        sendersOf: z.union([z.literal("*"), typedHostNameSchema]),
        smarthost: z
          .object({
            host: typedHostNameSchema,
            port: z.int("the port is a number from 1 to 65535").min(1).max(65_535),
            username: oneLine
              .min(1)
              .regex(/^[^:]*$/, "the user name of a relay holds no colon")
              .optional(),
            /** Left out to keep the password that is known for `sendersOf`. */
            password: oneLine.min(1).optional(),
          })
          .nullable(),
      }),
    )
    .max(5000)
    .refine(
      (relays) => new Set(relays.map((relay) => relay.sendersOf)).size === relays.length,
      "each domain has at most one relay",
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

/** Seals all relay passwords again for the server's present agent; true when that changed the target state. */
export async function resealRelays(
  tx: Transaction,
  ctx: ServiceContext,
  server: ServerForChange,
): Promise<boolean> {
  const [agent] = await tx
    .select({ sealingKey: agents.sealingKey })
    .from(agents)
    .where(eq(agents.serverId, server.id));
  const secrets = await tx.select().from(relaySecrets).where(eq(relaySecrets.serverId, server.id));
  const stale = secrets.filter((secret) => secret.sealedFor !== agent?.sealingKey);
  if (agent === undefined || stale.length === 0) return false;
  const sealed = new Map<string, SealedSecret>();
  for (const secret of stale) {
    const password = openAtRest(masterKeyOf(ctx), purposeOf(server.id, secret.sendersOf), secret.box);
    sealed.set(secret.sendersOf, sealForAgent(password, agent.sealingKey));
    await tx
      .update(relaySecrets)
      .set({ sealedFor: agent.sealingKey })
      .where(and(eq(relaySecrets.serverId, server.id), eq(relaySecrets.sendersOf, secret.sendersOf)));
  }
  await changeTargetState(tx, ctx, {
    server,
    summary: "Relay passwords sealed for the new agent",
    change: (state) => ({
      ...state,
      relays: state.relays.map((relay) => {
        const password = sealed.get(relay.sendersOf);
        if (password === undefined || relay.smarthost === null) return relay;
        return { ...relay, smarthost: { ...relay.smarthost, password } };
      }),
    }),
  });
  return true;
}

async function sealRelays(
  tx: Transaction,
  ctx: ServiceContext,
  { server, relays }: { server: ServerForChange; relays: readonly WantedRelay[] },
): Promise<Relay[]> {
  const [agent] = await tx
    .select({ sealingKey: agents.sealingKey })
    .from(agents)
    .where(eq(agents.serverId, server.id));
  const sealed: Relay[] = [];
  for (const { sendersOf, smarthost } of relays) {
    if (smarthost === null || smarthost.username === undefined) {
      const bare = smarthost === null ? null : { host: smarthost.host, port: smarthost.port };
      sealed.push(relaySchema.parse({ sendersOf, smarthost: bare }));
      continue;
    }
    const password = smarthost.password ?? (await knownPassword(tx, ctx, { server, sendersOf }));
    if (password === null)
      throw new ServiceError("invalid", `The relay ${smarthost.host} has a user name but no password.`, {
        field: "password",
      });
    if (agent === undefined)
      throw new ServiceError(
        "precondition-failed",
        `A password can be set once the agent of ${server.name} has called, because it is sealed for that agent alone.`,
      );
    await keepPassword(tx, ctx, { server, sendersOf, password, sealedFor: agent.sealingKey });
    const { host, port, username } = smarthost;
    sealed.push(
      relaySchema.parse({
        sendersOf,
        smarthost: { host, port, username, password: sealForAgent(password, agent.sealingKey) },
      }),
    );
  }
  const withPassword = sealed
    .filter((relay) => relay.smarthost?.password !== undefined)
    .map((relay) => relay.sendersOf);
  await tx
    .delete(relaySecrets)
    .where(and(eq(relaySecrets.serverId, server.id), notInArray(relaySecrets.sendersOf, withPassword)));
  return sealed;
}

async function knownPassword(
  tx: Transaction,
  ctx: ServiceContext,
  { server, sendersOf }: { server: ServerForChange; sendersOf: string },
): Promise<string | null> {
  const [known] = await tx
    .select({ box: relaySecrets.box })
    .from(relaySecrets)
    .where(and(eq(relaySecrets.serverId, server.id), eq(relaySecrets.sendersOf, sendersOf)));
  return known === undefined
    ? null
    : openAtRest(masterKeyOf(ctx), purposeOf(server.id, sendersOf), known.box);
}

async function keepPassword(
  tx: Transaction,
  ctx: ServiceContext,
  kept: { server: ServerForChange; sendersOf: string; password: string; sealedFor: string },
): Promise<void> {
  const { server, sendersOf, password, sealedFor } = kept;
  const box = sealAtRest(masterKeyOf(ctx), purposeOf(server.id, sendersOf), password);
  const { organisationId, tenantId } = server;
  await tx
    .insert(relaySecrets)
    .values({
      serverId: server.id,
      sendersOf,
      organisationId,
      tenantId,
      box,
      sealedFor,
      createdAt: ctx.now(),
    })
    .onConflictDoUpdate({
      target: [relaySecrets.serverId, relaySecrets.sendersOf],
      set: { box, sealedFor, createdAt: ctx.now() },
    });
}

function masterKeyOf(ctx: ServiceContext): Buffer {
  const { masterKey } = ctx.installation;
  if (masterKey === null)
    throw new ServiceError(
      "precondition-failed",
      "No master key is set, so passwords cannot be kept. Set MAILSTEAD_MASTER_KEY and start again.",
    );
  return masterKey;
}

function purposeOf(serverId: string, sendersOf: string): string {
  return `relay\n${serverId}\n${sendersOf}`;
}

function withoutSecret(relay: Relay) {
  if (relay.smarthost === null) return { sendersOf: relay.sendersOf, smarthost: null };
  const { host, port, username } = relay.smarthost;
  return { sendersOf: relay.sendersOf, smarthost: { host, port, username } };
}
