import {
  driftPolicySchema,
  overridesSchema,
  renameHost,
  stackSettingsSchema,
  type TargetState,
  webSettingsSchema,
} from "@mailstead/core/servers";
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
import { refuseNeighboursName } from "../tenants/index.ts";
import { hostnameTaken } from "./add-server.ts";
import { checkDomainsSoon } from "./check-domains-soon.ts";
import { getServerForChange } from "./server-for-change.ts";
import { typedHostNameSchema } from "./server-name.ts";
import { changeTargetState, type TargetChange } from "./target-state-store.ts";

/** `jobId` is the converge that carries the change to the host; null before the server is installed or when nothing changed. */
export interface SettingsChanged {
  revision: number;
  jobId: string | null;
}

const changeStackSettingsInput = z.object({ serverId: z.uuid(), settings: stackSettingsSchema.partial() });

/** Changes the settings that are named and leaves the others. */
export async function changeStackSettings(
  ctx: ServiceContext,
  input: z.input<typeof changeStackSettingsInput>,
): Promise<SettingsChanged> {
  const { serverId, settings } = parseInput(changeStackSettingsInput, input);
  // The schema fills in the default of a setting that nobody named, which must not undo what was chosen before.
  const named = Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => value !== undefined && name in input.settings),
  );
  return changeServer(ctx, serverId, {
    action: "change-stack-settings",
    summary: "Settings changed",
    part: (state) => state.stack,
    change: (state) => ({ ...state, stack: { ...state.stack, ...named } }),
  });
}

const changeWebSettingsInput = z.object({
  serverId: z.uuid(),
  settings: webSettingsSchema.omit({ acmeThumbprint: true }).partial(),
});

/**
 * Says what the host serves over HTTPS. Throws `precondition-failed` when it is switched off while senders are told to
 * demand TLS of a domain there: they would go on to, and nobody could tell them otherwise.
 */
export async function changeWebSettings(
  ctx: ServiceContext,
  input: z.input<typeof changeWebSettingsInput>,
): Promise<SettingsChanged> {
  const { serverId, settings } = parseInput(changeWebSettingsInput, input);
  const { isEnabled, imprint } = settings;
  return changeServer(ctx, serverId, {
    action: "change-web-settings",
    summary: "Web service changed",
    part: (state) => state.web,
    change: (state) => {
      const promised = state.domains.find(({ mtaSts }) => mtaSts.mode !== "none");
      if (isEnabled === false && promised !== undefined)
        throw new ServiceError(
          "precondition-failed",
          `${promised.name} has MTA-STS in mode ${promised.mtaSts.mode}. Take it to none first: senders that remember the policy could not be told that it has ended.`,
        );
      return {
        ...state,
        web: {
          ...state.web,
          ...(isEnabled === undefined ? {} : { isEnabled }),
          ...(imprint === undefined ? {} : { imprint: imprint?.trim() || null }),
        },
      };
    },
  });
}

const changeOverridesInput = z.object({ serverId: z.uuid(), overrides: overridesSchema });

/**
 * Replaces the operator's own text; the host checks it before it takes effect. It is for the role admin, because it
 * reaches further than any setting. Throws `invalid`, naming the line, for what an override may not say.
 */
export async function changeOverrides(
  ctx: ServiceContext,
  input: z.input<typeof changeOverridesInput>,
): Promise<SettingsChanged> {
  const { serverId, overrides } = parseInput(changeOverridesInput, input);
  requireRole(ctx, "admin");
  return changeServer(ctx, serverId, {
    action: "change-overrides",
    summary: "Overrides changed",
    part: (state) => state.overrides,
    change: (state) => ({ ...state, overrides }),
  });
}

const changeDriftPolicyInput = z.object({ serverId: z.uuid(), driftPolicy: driftPolicySchema });

/** Says what happens to what is edited on the host by hand. */
export async function changeDriftPolicy(
  ctx: ServiceContext,
  input: z.input<typeof changeDriftPolicyInput>,
): Promise<SettingsChanged> {
  const { serverId, driftPolicy } = parseInput(changeDriftPolicyInput, input);
  return changeServer(ctx, serverId, {
    action: "change-drift-policy",
    summary: `Drift policy: ${driftPolicy}`,
    part: (state) => state.driftPolicy,
    change: (state) => ({ ...state, driftPolicy }),
  });
}

const changeHostnameInput = z.object({ serverId: z.uuid(), hostname: typedHostNameSchema });

/** What has to happen around a change of name for the servers that share domains with the host. */
export interface Sharing {
  /** Before anything is locked. */
  lock: (tx: Transaction, serverId: string) => Promise<void>;
  /** After the change, with the server locked; what it throws takes the change back. */
  tell: (tx: Transaction, server: { id: string; name: string; hostname: string }) => Promise<void>;
}

/**
 * Gives the host another name. Throws `conflict` when another server has it, and `forbidden` when it lies in another
 * customer's domain and the person sees one customer only.
 */
export async function changeHostname(
  ctx: ServiceContext,
  input: z.input<typeof changeHostnameInput>,
  sharing?: Sharing,
): Promise<SettingsChanged> {
  const { serverId, hostname } = parseInput(changeHostnameInput, input);
  try {
    return await changeServer(ctx, serverId, {
      action: "change-hostname",
      summary: `Host name: ${hostname}`,
      part: (state) => state.hostname,
      change: (state) => renameHost(state, hostname),
      lock: async (tx) => {
        await refuseNeighboursName(tx, ctx, { name: hostname, field: "hostname" });
        await sharing?.lock(tx, serverId);
      },
      alsoChange: async (tx, { name }) => {
        await checkDomainsSoon(tx, { serverId, now: ctx.now() });
        await sharing?.tell(tx, { id: serverId, name, hostname });
      },
    });
  } catch (error) {
    throw hostnameTaken(error, hostname);
  }
}

async function changeServer(
  ctx: ServiceContext,
  serverId: string,
  wanted: TargetChange & {
    action: string;
    part: (state: TargetState) => unknown;
    lock?: (tx: Transaction, serverId: string) => Promise<void>;
    alsoChange?: (tx: Transaction, server: { name: string }) => Promise<void>;
  },
): Promise<SettingsChanged> {
  requireRole(ctx, "technician");
  return withTransaction(ctx, async (tx) => {
    await wanted.lock?.(tx, serverId);
    const server = await getServerForChange(tx, serverId);
    const changed = await changeTargetState(tx, ctx, { server, choosesWeb: true, ...wanted });
    if (changed.isChanged) {
      await wanted.alsoChange?.(tx, server);
      await recordAudit(tx, ctx, {
        organisationId: server.organisationId,
        tenantId: server.tenantId,
        action: wanted.action,
        subject: { kind: "server", id: server.id, name: server.name },
        before: wanted.part(changed.before),
        after: wanted.part(changed.after),
      });
    }
    return { revision: changed.revision, jobId: changed.jobId };
  });
}
