import { type Relay, relaySchema } from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
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
import { forgetPasswordsExcept, keepRelayPassword } from "./relay-passwords.ts";
import { getServerForChange, type ServerForChange } from "./server-for-change.ts";
import { typedHostNameSchema } from "./server-name.ts";
import { changeTargetState, readTargetState } from "./target-state-store.ts";

const oneLine = z
  .string()
  .max(255)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "this must be one line of text");

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
            /** Left out to keep the password of this very relay. */
            password: oneLine.min(1).optional(),
            /** False takes any certificate of the relay's, and so any host that answers in its name. */
            verifiesCertificate: z.boolean().default(true),
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

async function sealRelays(
  tx: Transaction,
  ctx: ServiceContext,
  { server, relays }: { server: ServerForChange; relays: readonly WantedRelay[] },
): Promise<Relay[]> {
  const { state } = await readTargetState(tx, server);
  const sealed: Relay[] = [];
  for (const wanted of relays) {
    const before = state.relays.find((relay) => relay.sendersOf === wanted.sendersOf);
    sealed.push(relaySchema.parse(await sealRelay(tx, ctx, { server, wanted, before })));
  }
  const withPassword = sealed.filter((relay) => relay.smarthost?.password !== undefined);
  await forgetPasswordsExcept(tx, {
    server,
    sendersOf: withPassword.map((relay) => relay.sendersOf),
  });
  return sealed;
}

async function sealRelay(
  tx: Transaction,
  ctx: ServiceContext,
  relay: { server: ServerForChange; wanted: WantedRelay; before: Relay | undefined },
): Promise<unknown> {
  const { sendersOf, smarthost } = relay.wanted;
  if (smarthost === null) return { sendersOf, smarthost };
  const { host, port, username, password, verifiesCertificate } = smarthost;
  if (username === undefined) return { sendersOf, smarthost: { host, port, verifiesCertificate } };
  if (password !== undefined) {
    const box = await keepRelayPassword(tx, ctx, { server: relay.server, sendersOf, password });
    return { sendersOf, smarthost: { host, port, username, password: box, verifiesCertificate } };
  }
  const known = relay.before?.smarthost;
  if (known?.password === undefined)
    throw new ServiceError("invalid", `The relay ${host} has a user name but no password.`, {
      field: "password",
    });
  // Else somebody who does not know the password could send it to a host of their own.
  if (known.host !== host || known.port !== port || known.username !== username)
    throw new ServiceError(
      "invalid",
      `The relay ${host} is another one now, so its password is needed again.`,
      {
        field: "password",
      },
    );
  // Nor could they have it sent to whoever stands in between.
  if (known.verifiesCertificate && !verifiesCertificate)
    throw new ServiceError(
      "invalid",
      `The certificate of ${host} is no longer to be verified, so its password is needed again.`,
      { field: "password" },
    );
  return { sendersOf, smarthost: { ...known, verifiesCertificate } };
}

function withoutSecret(relay: Relay) {
  if (relay.smarthost === null) return { sendersOf: relay.sendersOf, smarthost: null };
  const { host, port, username, verifiesCertificate } = relay.smarthost;
  return { sendersOf: relay.sendersOf, smarthost: { host, port, username, verifiesCertificate } };
}
