import {
  type DestinationRelay,
  destinationRelaysMax,
  destinationRelaysSchema,
  relayedProvider,
  standbyRelay,
  tooManyDestinations,
} from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import type { SettingsChanged } from "./change-settings.ts";
import { changeSmarthosts } from "./change-smarthosts.ts";
import { forgetPasswordsExcept, receiverPurpose } from "./relay-passwords.ts";
import {
  sealSmarthost,
  sealUntilTested,
  type TypedSmarthost,
  typedSmarthostSchema,
  waitingSmarthostSchema,
  withoutPassword,
} from "./seal-smarthost.ts";
import { getServerForChange, type ServerForChange } from "./server-for-change.ts";
import { typedHostNameSchema } from "./server-name.ts";
import { readTargetState } from "./target-state-store.ts";
import { applyOrTry, type SmarthostsSaved } from "./try-smarthosts.ts";

const forReceiverSchema = z.object({
  /** A domain, `provider:` and a provider, or the smarthost that stands by. */
  to: z.union([
    z.literal(standbyRelay),
    z.string().refine((to) => relayedProvider(to) !== null),
    typedHostNameSchema,
  ]),
  percent: z.int().min(1).max(100).default(100),
  isAutomatic: z.boolean().default(false),
  smarthost: typedSmarthostSchema.nullable(),
});

const setSmarthostsInput = z.object({
  serverId: z.uuid(),
  // Before any password of them is sealed, which takes its time.
  smarthosts: z.array(forReceiverSchema).max(destinationRelaysMax, tooManyDestinations),
  /** Uses smarthosts that the host has not tried. */
  isUntested: z.boolean().default(false),
});

const waitingSmarthostsSchema = setSmarthostsInput.extend({
  smarthosts: z.array(forReceiverSchema.extend({ smarthost: waitingSmarthostSchema.nullable() })),
});
/** What a person typed, or what waits since. */
export type SmarthostsInput = z.output<typeof setSmarthostsInput> | z.output<typeof waitingSmarthostsSchema>;

/**
 * Replaces the smarthosts that a server sends through because of who receives, once its host has tried those that are
 * new. Passwords are sealed for its agent. Throws
 * `invalid` for a domain that is at home there, and `conflict` while a measure relays through the standby that would go.
 */
export async function setSmarthosts(
  ctx: ServiceContext,
  input: z.input<typeof setSmarthostsInput>,
): Promise<SmarthostsSaved> {
  requireRole(ctx, "technician");
  const typed = parseInput(setSmarthostsInput, input);
  const wanted = { ...typed, smarthosts: withOnePassword(typed.smarthosts) };
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, wanted.serverId);
    return await applyOrTry(tx, ctx, {
      server,
      concerns: "receivers",
      smarthosts: wanted.smarthosts.map(({ to: of, smarthost }) => ({ of, smarthost })),
      isUntested: wanted.isUntested,
      seal: async (inner, locked) => ({
        ...wanted,
        smarthosts: await sealEach(inner, ctx, { server: locked, wanted }),
      }),
      apply: (inner, locked) => applySmarthosts(inner, ctx, { server: locked, wanted }),
    });
  });
}

type TypedForReceiver = z.output<typeof forReceiverSchema>;

/**
 * Postfix looks up one sign-in for each host and port, so a password that is typed for one receiver is that of all which
 * are led there. Throws `invalid` where two are typed.
 */
function withOnePassword(smarthosts: readonly TypedForReceiver[]): TypedForReceiver[] {
  const keyOf = ({ host, port, username }: TypedSmarthost) => JSON.stringify([host, port, username]);
  const typed = new Map<string, string>();
  for (const { smarthost } of smarthosts) {
    if (smarthost?.username === undefined || smarthost.password === undefined) continue;
    const { host, port, password } = smarthost;
    if ((typed.get(keyOf(smarthost)) ?? password) !== password)
      throw new ServiceError(
        "invalid",
        `The smarthost ${host}:${port} is given two passwords for one user name; it can have one.`,
        { field: "password" },
      );
    typed.set(keyOf(smarthost), password);
  }
  return smarthosts.map((one) => {
    const password = one.smarthost && typed.get(keyOf(one.smarthost));
    if (one.smarthost === null || password === null || password === undefined) return one;
    return { ...one, smarthost: { ...one.smarthost, password } };
  });
}

/** Brings smarthosts into the target state as they are. */
export async function applySmarthosts(
  tx: Transaction,
  ctx: ServiceContext,
  { server, wanted }: { server: ServerForChange; wanted: SmarthostsInput },
): Promise<SettingsChanged> {
  const { smarthosts, isUntested } = wanted;
  const destinationRelays = await sealAll(tx, ctx, { server, smarthosts });
  return await changeSmarthosts(tx, ctx, {
    server,
    what: "smarthosts",
    isUntested,
    change: (state) => ({ ...state, destinationRelays }),
    told: (state) => state.destinationRelays.map(withoutSecret),
  });
}

/** What waits, as it was sealed. */
export function readSmarthostsInput(waiting: unknown): SmarthostsInput {
  return waitingSmarthostsSchema.parse(waiting);
}

async function sealEach(
  tx: Transaction,
  ctx: ServiceContext,
  { server, wanted }: { server: ServerForChange; wanted: SmarthostsInput },
) {
  const sealed = [];
  for (const { smarthost, ...relay } of wanted.smarthosts) {
    const purpose = receiverPurpose(relay.to);
    sealed.push({ ...relay, smarthost: await sealUntilTested(tx, ctx, { server, purpose, smarthost }) });
  }
  return sealed;
}

async function sealAll(
  tx: Transaction,
  ctx: ServiceContext,
  { server, smarthosts }: { server: ServerForChange; smarthosts: SmarthostsInput["smarthosts"] },
): Promise<DestinationRelay[]> {
  const { state } = await readTargetState(tx, server);
  const home = state.domains.find(({ name }) => smarthosts.some(({ to }) => to === name));
  if (home !== undefined)
    throw new ServiceError("invalid", `${home.name} is at home on this server, so its mail does not leave.`, {
      field: "to",
    });
  const hasStandby = smarthosts.some(({ to }) => to === standbyRelay);
  if (!hasStandby && state.measures.some(({ kind }) => kind === "relay"))
    throw new ServiceError(
      "conflict",
      "A measure relays mail through the standby smarthost; end the measure before you take it out.",
    );
  const sealed: z.input<typeof destinationRelaysSchema> = [];
  for (const { smarthost: wanted, ...relay } of smarthosts) {
    const before = state.destinationRelays.find(({ to }) => to === relay.to)?.smarthost ?? null;
    const purpose = receiverPurpose(relay.to);
    const smarthost = wanted && (await sealSmarthost(tx, ctx, { server, purpose, wanted, before }));
    sealed.push({ ...relay, smarthost } as (typeof sealed)[number]);
  }
  const checked = parseInput(destinationRelaysSchema, sealed);
  const withPassword = checked.filter(({ smarthost }) => smarthost?.password !== undefined);
  await forgetPasswordsExcept(tx, {
    server,
    purposes: withPassword.map(({ to }) => receiverPurpose(to)),
    of: "receivers",
  });
  return checked;
}

function withoutSecret({ smarthost, ...relay }: DestinationRelay) {
  return { ...relay, smarthost: smarthost && withoutPassword(smarthost) };
}
