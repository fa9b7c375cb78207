import { randomBytes } from "node:crypto";
import { isTimeZone } from "@mailstead/core/alerts";
import { alertChannels, newId, organisations, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireOrganisationScope,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { sealForWorker } from "../secrets/index.ts";
import { getTenantForChange } from "../tenants/index.ts";
import { channelPurpose } from "./channel-secret.ts";

const severity = z.enum(["error", "warning", "instruction"]);
const minuteOfDay = z.int().min(0).max(1439);
/** What may be told of, by how the keys of findings begin. */
export const alertTopics = {
  everything: [],
  deliverability: ["fleet-", "delivery-", "rules-", "verdict-"],
  fleet: ["fleet-"],
} as const;
export type AlertTopic = keyof typeof alertTopics;

const wishInput = z.object({
  name: z.string().trim().min(1, "Give the channel a name.").max(100),
  leastSeverity: severity.default("warning"),
  topic: z.enum(Object.keys(alertTopics) as [AlertTopic, ...AlertTopic[]]).default("everything"),
  quietHours: z.object({ fromMinute: minuteOfDay, untilMinute: minuteOfDay }).nullable().default(null),
  /** What is told in quiet hours too. */
  breaksThrough: severity.nullable().default("error"),
});
const addInput = wishInput.extend({
  /** Left out: of the whole organisation. */
  tenantId: z.uuid().nullable().default(null),
  target: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("mail"), recipient: z.email("Write one address of mail.").max(254) }),
    z.object({
      kind: z.literal("webhook"),
      url: z
        .url({ protocol: /^https?$/, error: "Write an address like https://example.com/hook." })
        .max(2000),
    }),
  ]),
});

const secretBytes = 32;

/**
 * Adds a channel that findings are told through. The address and the secret of a webhook are sealed for the worker; the
 * secret is given back this once and never again. Throws `conflict` when the name is taken.
 */
export async function addAlertChannel(
  ctx: ServiceContext,
  input: z.input<typeof addInput>,
): Promise<{ channelId: string; secret: string | null }> {
  requireRole(ctx, "admin");
  const { target, tenantId: wanted, ...wish } = parseInput(addInput, input);
  const now = ctx.now();
  const id = newId(now);
  const tenantId = ctx.tenantId ?? wanted;
  const secret = target.kind === "webhook" ? `whsec_${randomBytes(secretBytes).toString("base64")}` : null;
  return orTaken(
    wish.name,
    withTransaction(ctx, async (tx) => {
      if (tenantId !== null) await getTenantForChange(tx, tenantId);
      const address =
        target.kind === "mail"
          ? { target: target.recipient, box: null }
          : {
              target: new URL(target.url).host,
              box: await sealForWorker(tx, {
                purpose: channelPurpose(id),
                text: JSON.stringify({ url: target.url, secret }),
              }),
            };
      await tx.insert(alertChannels).values({
        id,
        organisationId: ctx.organisationId,
        tenantId,
        kind: target.kind,
        ...address,
        ...rowOf(wish),
        createdAt: now,
      });
      await recordAudit(tx, ctx, {
        organisationId: ctx.organisationId,
        tenantId,
        action: "add-alert-channel",
        subject: { kind: "alert-channel", id, name: wish.name },
        after: { kind: target.kind, target: address.target, ...wish },
      });
      return { channelId: id, secret };
    }),
  );
}

const channelInput = z.object({ channelId: z.uuid() });
const changeInput = channelInput.extend({ wish: wishInput, isStopped: z.boolean().default(false) });

/** Changes what a channel is told and when, or pauses it. Throws `not-found`, and `conflict` when the name is taken. */
export async function changeAlertChannel(
  ctx: ServiceContext,
  input: z.input<typeof changeInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { channelId, wish, isStopped } = parseInput(changeInput, input);
  await orTaken(
    wish.name,
    withTransaction(ctx, async (tx) => {
      const before = await findChannel(tx, channelId);
      const stopped = isStopped
        ? { stoppedAt: before.stoppedAt ?? ctx.now(), stoppedBecause: before.stoppedBecause }
        : { stoppedAt: null, stoppedBecause: null };
      await tx
        .update(alertChannels)
        .set({ ...rowOf(wish), ...stopped })
        .where(eq(alertChannels.id, channelId));
      await recordAudit(tx, ctx, {
        organisationId: ctx.organisationId,
        tenantId: before.tenantId,
        action: "change-alert-channel",
        subject: { kind: "alert-channel", id: channelId, name: wish.name },
        after: { ...wish, isStopped },
      });
    }),
  );
}

/** Forgets a channel, its secret and its log. Throws `not-found`. */
export async function removeAlertChannel(
  ctx: ServiceContext,
  input: z.input<typeof channelInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { channelId } = parseInput(channelInput, input);
  await withTransaction(ctx, async (tx) => {
    const { name, tenantId, kind, target } = await findChannel(tx, channelId);
    await tx.delete(alertChannels).where(eq(alertChannels.id, channelId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId,
      action: "remove-alert-channel",
      subject: { kind: "alert-channel", id: channelId, name },
      before: { kind, target },
    });
  });
}

const timeZoneInput = z.object({
  timeZone: z
    .string()
    .max(100)
    .refine(isTimeZone, "There is no such time zone; write it like Europe/Berlin."),
});

/** Sets the time zone that quiet hours are read by. */
export async function setTimeZone(ctx: ServiceContext, input: z.input<typeof timeZoneInput>): Promise<void> {
  requireRole(ctx, "admin");
  requireOrganisationScope(ctx);
  const { timeZone } = parseInput(timeZoneInput, input);
  await withTransaction(ctx, async (tx) => {
    await tx.update(organisations).set({ timeZone }).where(eq(organisations.id, ctx.organisationId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "set-time-zone",
      subject: { kind: "organisation", id: ctx.organisationId, name: timeZone },
      after: { timeZone },
    });
  });
}

/** The row of a channel that the person may see. Throws `not-found`. */
export async function findChannel(tx: Transaction, channelId: string) {
  const [row] = await tx.select().from(alertChannels).where(eq(alertChannels.id, channelId)).for("update");
  if (row === undefined) throw new ServiceError("not-found", "There is no such channel.");
  return row;
}

/** The same work, refused in words where another channel has the name. */
async function orTaken<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asConflict(error, {
      index: "alert_channels_name",
      sentence: `There is a channel named ${name} already.`,
      field: "name",
    });
  }
}

function rowOf({ name, leastSeverity, topic, quietHours, breaksThrough }: z.infer<typeof wishInput>) {
  return {
    name,
    leastSeverity,
    keyPrefixes: [...alertTopics[topic]],
    quietFromMinute: quietHours?.fromMinute ?? null,
    quietUntilMinute: quietHours?.untilMinute ?? null,
    breaksThrough,
  };
}
