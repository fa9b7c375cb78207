import { hostedAddressSchema } from "@mailstead/core/mailboxes";
import { type Relay, relaySchema } from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
import { z } from "zod";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import type { SettingsChanged } from "./change-settings.ts";
import { changeSmarthosts } from "./change-smarthosts.ts";
import { forgetPasswordsExcept } from "./relay-passwords.ts";
import {
  sealSmarthost,
  sealUntilTested,
  typedSmarthostSchema,
  waitingSmarthostSchema,
  withoutPassword,
} from "./seal-smarthost.ts";
import { getServerForChange, type ServerForChange } from "./server-for-change.ts";
import { typedHostNameSchema } from "./server-name.ts";
import { readTargetState } from "./target-state-store.ts";
import { applyOrTry, type SmarthostsSaved } from "./try-smarthosts.ts";

const forSenderSchema = z.object({
  sendersOf: z.union([
    z.literal("*"),
    z.string().trim().toLowerCase().includes("@").pipe(hostedAddressSchema),
    typedHostNameSchema,
  ]),
  smarthost: typedSmarthostSchema.nullable(),
});

const setRelaysInput = z.object({
  serverId: z.uuid(),
  relays: z
    .array(forSenderSchema)
    .max(5000)
    .refine(
      (relays) => new Set(relays.map((relay) => relay.sendersOf)).size === relays.length,
      "each domain or address has at most one relay",
    ),
  /** Uses smarthosts that the host has not tried. */
  isUntested: z.boolean().default(false),
});

const waitingRelaysSchema = setRelaysInput.extend({
  relays: z.array(forSenderSchema.extend({ smarthost: waitingSmarthostSchema.nullable() })),
});
/** What a person typed, or what waits since. */
export type RelaysInput = z.output<typeof setRelaysInput> | z.output<typeof waitingRelaysSchema>;

/**
 * Replaces the relays of a server once its host has tried those that are new. Passwords are sealed for its agent, and
 * with the master key at rest; neither appears in the audit. Throws `precondition-failed` before the agent has called.
 */
export async function setRelays(
  ctx: ServiceContext,
  input: z.input<typeof setRelaysInput>,
): Promise<SmarthostsSaved> {
  requireRole(ctx, "technician");
  const wanted = parseInput(setRelaysInput, input);
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, wanted.serverId);
    return await applyOrTry(tx, ctx, {
      server,
      concerns: "senders",
      smarthosts: wanted.relays.map(({ sendersOf: of, smarthost }) => ({ of, smarthost })),
      isUntested: wanted.isUntested,
      seal: async (inner, locked) => ({
        ...wanted,
        relays: await sealEach(inner, ctx, { server: locked, wanted }),
      }),
      apply: (inner, locked) => applyRelays(inner, ctx, { server: locked, wanted }),
    });
  });
}

/** Brings relays into the target state as they are. */
export async function applyRelays(
  tx: Transaction,
  ctx: ServiceContext,
  { server, wanted }: { server: ServerForChange; wanted: RelaysInput },
): Promise<SettingsChanged> {
  const { relays, isUntested } = wanted;
  const sealed = await sealRelays(tx, ctx, { server, relays });
  return await changeSmarthosts(tx, ctx, {
    server,
    what: "relays",
    isUntested,
    change: (state) => ({ ...state, relays: sealed }),
    told: (state) => state.relays.map(withoutSecret),
  });
}

/** What waits, as it was sealed. */
export function readRelaysInput(waiting: unknown): RelaysInput {
  return waitingRelaysSchema.parse(waiting);
}

async function sealEach(
  tx: Transaction,
  ctx: ServiceContext,
  { server, wanted }: { server: ServerForChange; wanted: RelaysInput },
) {
  const sealed = [];
  for (const { sendersOf, smarthost } of wanted.relays)
    sealed.push({
      sendersOf,
      smarthost: await sealUntilTested(tx, ctx, { server, purpose: sendersOf, smarthost }),
    });
  return sealed;
}

async function sealRelays(
  tx: Transaction,
  ctx: ServiceContext,
  { server, relays }: { server: ServerForChange; relays: RelaysInput["relays"] },
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
