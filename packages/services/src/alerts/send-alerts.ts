import { type Alert, writeAlertMail } from "@mailstead/core/alerts";
import { alertAttempts, alertChannels, alerts } from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
import type { OutgoingMail, SendOutcome } from "../checks/index.ts";
import { type Installation, type SystemContext, withSystemTransaction } from "../context/index.ts";
import type { SecretOpener } from "../secrets/index.ts";
import { openWebhook } from "./channel-secret.ts";
import { isLost } from "./lost-alerts.ts";
import { type PostOutcome, postWebhook } from "./post-webhook.ts";
import { signWebhook } from "./sign-webhook.ts";

export interface AlertSending {
  readonly installation: Installation;
  /** Null in a worker that cannot open what is sealed; webhooks wait there. */
  readonly opener: SecretOpener | null;
  /** Null where this installation was given no way to send mail. */
  readonly sendMail: ((mail: OutgoingMail) => Promise<SendOutcome>) | null;
  /** How a webhook is posted; another than the real one only in tests. */
  readonly post?: typeof postWebhook;
}

export interface AlertRun {
  readonly sent: number;
  readonly failed: readonly { alertId: string; problem: string }[];
}

// Longer than any attempt lasts, so that nobody sends what another still sends.
const takenForMs = 3 * 60_000;
const firstRetryMs = 30_000;
/** With waits that double from the first one, an endpoint may be away for the better part of a day. A person may have it begin anew. */
export const attemptsMax = 12;
const alertsPerRun = 200;
const atOnceMax = 5;

/**
 * Sends the alerts that wait: of each channel one after the other in their order, several channels side by side, so that a
 * slow endpoint holds up nobody else. Each is taken by lease and settled after; only a worker that dies between the
 * endpoint's yes and our note of it lets it go twice, under the same id.
 */
export async function sendAlerts(ctx: SystemContext, sending: AlertSending): Promise<AlertRun> {
  let sent = 0;
  let count = 0;
  const failed: { alertId: string; problem: string }[] = [];
  const oneAfterTheOther = async () => {
    while (count < alertsPerRun) {
      count += 1;
      const taken = await takeAlert(ctx);
      if (taken === null) return;
      const startedAt = performance.now();
      const outcome = await attempt(ctx, taken, sending);
      const tookMs = Math.round(performance.now() - startedAt);
      await settle(ctx, taken, { outcome, tookMs });
      if (outcome.kind === "sent") sent += 1;
      else failed.push({ alertId: taken.id, problem: outcome.problem });
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, oneAfterTheOther));
  return { sent, failed };
}

interface Taken {
  readonly id: string;
  readonly organisationId: string;
  readonly tenantId: string | null;
  readonly channelId: string;
  readonly kind: "mail" | "webhook";
  readonly target: string;
  readonly box: string | null;
  readonly body: Alert;
  readonly attempts: number;
}

function takeAlert(ctx: SystemContext): Promise<Taken | null> {
  const now = ctx.now();
  const takenUntil = new Date(now.getTime() + takenForMs);
  return withSystemTransaction(ctx, async (tx) => {
    const [row] = await tx
      .update(alerts)
      .set({ takenUntil, attempts: sql`${alerts.attempts} + 1` })
      .from(alertChannels)
      .where(
        sql`${alertChannels.id} = ${alerts.channelId} and ${alerts.id} = (
          select a.id from alerts a join alert_channels c on c.id = a.channel_id
          where a.sent_at is null and a.failed_at is null and c.stopped_at is null and a.due_at <= ${now}::timestamptz
            and (a.taken_until is null or a.taken_until <= ${now}::timestamptz)
            and not exists (select from alerts earlier where earlier.channel_id = a.channel_id
              and earlier.sent_at is null and earlier.failed_at is null
              and (earlier.created_at, earlier.id) < (a.created_at, a.id))
          order by a.created_at, a.id limit 1 for update of a skip locked)`,
      )
      .returning({
        id: alerts.id,
        organisationId: alerts.organisationId,
        tenantId: alerts.tenantId,
        channelId: alerts.channelId,
        body: alerts.body,
        attempts: alerts.attempts,
        kind: alertChannels.kind,
        target: alertChannels.target,
        box: alertChannels.box,
      });
    return row ?? null;
  });
}

async function attempt(
  ctx: SystemContext,
  taken: Taken,
  { installation, opener, sendMail, post = postWebhook }: AlertSending,
): Promise<PostOutcome> {
  if (taken.kind === "mail") {
    if (sendMail === null)
      return {
        kind: "temporary",
        problem: "this installation has no way to send mail: set MAIL_URL and MAIL_FROM",
      };
    const mail = writeAlertMail(taken.body, { homeUrl: installation.publicUrl });
    return sendMail({ id: taken.id, recipient: taken.target, ...mail });
  }
  if (opener === null || taken.box === null)
    return { kind: "temporary", problem: "this worker has no key that opens the address" };
  const webhook = openWebhook(opener, { id: taken.channelId, box: taken.box });
  if (webhook === null)
    return {
      kind: "permanent",
      problem:
        "the address cannot be opened, because the signing key has changed since; add the channel anew",
    };
  const body = JSON.stringify({ id: taken.id, ...taken.body });
  const timestamp = Math.floor(ctx.now().getTime() / 1000);
  const headers = signWebhook({ id: taken.id, timestamp, body }, webhook.secret);
  return post({ url: webhook.url, body, headers }, { allowed: installation.webhookNetworks ?? [] });
}

async function settle(
  ctx: SystemContext,
  taken: Taken,
  { outcome, tookMs }: { outcome: PostOutcome; tookMs: number },
): Promise<void> {
  const now = ctx.now();
  const { id: alertId, organisationId, tenantId, attempts: number } = taken;
  const isOver = outcome.kind !== "sent" && (outcome.kind !== "temporary" || number % attemptsMax === 0);
  const state =
    outcome.kind === "sent"
      ? { sentAt: now, takenUntil: null }
      : isOver
        ? { failedAt: now, takenUntil: null }
        : {
            dueAt: new Date(now.getTime() + firstRetryMs * 2 ** ((number - 1) % attemptsMax)),
            takenUntil: null,
          };
  await withSystemTransaction(ctx, async (tx) => {
    const { rowCount } = await tx.update(alerts).set(state).where(eq(alerts.id, alertId));
    // Its channel was removed while it was on its way.
    if (rowCount === 0) return;
    await tx.insert(alertAttempts).values({
      alertId,
      number,
      organisationId,
      tenantId,
      at: now,
      outcome: outcome.kind === "gone" ? "permanent" : outcome.kind,
      problem: outcome.kind === "sent" ? null : outcome.problem.slice(0, 500),
      tookMs,
    });
    if (outcome.kind === "gone")
      await tx
        .update(alertChannels)
        .set({ stoppedAt: now, stoppedBecause: outcome.problem })
        .where(eq(alertChannels.id, taken.channelId));
  });
}

const keptForMs = 30 * 86_400_000;

/** Removes the alerts that were settled a month ago, with their attempts; gives how many. A lost one stays until a person answers. */
export function forgetOldAlerts(ctx: SystemContext): Promise<number> {
  const before = new Date(ctx.now().getTime() - keptForMs);
  return withSystemTransaction(ctx, async (tx) => {
    const { rowCount } = await tx
      .delete(alerts)
      .where(sql`coalesce(${alerts.sentAt}, ${alerts.failedAt}) < ${before}::timestamptz and not ${isLost}`);
    return rowCount ?? 0;
  });
}
