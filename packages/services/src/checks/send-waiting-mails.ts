import { outgoingMails } from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

export interface OutgoingMail {
  /** Goes into the Message-ID, so that a mail which was sent twice after all is one to whoever compares ids. */
  id: string;
  recipient: string;
  subject: string;
  body: string;
}

/** What became of one attempt. temporary: it may go well later. permanent: it never will. */
export type SendOutcome = { kind: "sent" } | { kind: "temporary" | "permanent"; problem: string };

export interface SendRun {
  sent: number;
  failed: { id: string; problem: string }[];
}

// Longer than any dialogue with a mail server lasts, so that nobody sends what another still sends.
const takenForMs = 10 * 60_000;
const firstRetryMs = 5 * 60_000;
const attemptsMax = 8;
const mailsPerRun = 200;

/**
 * Sends the mails that wait, one after the other. Each is taken by a lock before it is sent and settled after, so it is
 * sent once by however many workers; only one that dies between the server's yes and our note of it lets it go twice.
 */
export async function sendWaitingMails(
  ctx: SystemContext,
  send: (mail: OutgoingMail) => Promise<SendOutcome>,
): Promise<SendRun> {
  const run: SendRun = { sent: 0, failed: [] };
  for (let count = 0; count < mailsPerRun; count += 1) {
    const taken = await takeMail(ctx);
    if (taken === null) break;
    const outcome = await send(taken);
    if (outcome.kind === "sent") run.sent += 1;
    else run.failed.push({ id: taken.id, problem: outcome.problem });
    await settleMail(ctx, { ...taken, outcome });
    // A server that is away takes the next one no better.
    if (outcome.kind === "temporary") break;
  }
  return run;
}

function takeMail(ctx: SystemContext): Promise<(OutgoingMail & { attempts: number }) | null> {
  const now = ctx.now();
  const takenUntil = new Date(now.getTime() + takenForMs);
  return withSystemTransaction(ctx, async (tx) => {
    const [mail] = await tx
      .update(outgoingMails)
      .set({ takenUntil, attempts: sql`${outgoingMails.attempts} + 1` })
      .where(
        sql`${outgoingMails.id} = (select id from ${outgoingMails} where sent_at is null and failed_at is null
          and (taken_until is null or taken_until <= ${now}::timestamptz)
          order by created_at, id limit 1 for update skip locked)`,
      )
      .returning({
        id: outgoingMails.id,
        recipient: outgoingMails.recipient,
        subject: outgoingMails.subject,
        body: outgoingMails.body,
        attempts: outgoingMails.attempts,
      });
    return mail ?? null;
  });
}

async function settleMail(
  ctx: SystemContext,
  { id, attempts, outcome }: { id: string; attempts: number; outcome: SendOutcome },
): Promise<void> {
  const now = ctx.now();
  const isOver = outcome.kind === "permanent" || (outcome.kind === "temporary" && attempts >= attemptsMax);
  const state =
    outcome.kind === "sent"
      ? { sentAt: now, takenUntil: null, problem: null }
      : isOver
        ? { failedAt: now, takenUntil: null, problem: outcome.problem }
        : {
            takenUntil: new Date(now.getTime() + firstRetryMs * 2 ** (attempts - 1)),
            problem: outcome.problem,
          };
  await withSystemTransaction(ctx, (tx) =>
    tx.update(outgoingMails).set(state).where(eq(outgoingMails.id, id)),
  );
}

const keptForMs = 30 * 86_400_000;

/** Removes the mails that were settled a month ago; gives how many. */
export function forgetOldMails(ctx: SystemContext): Promise<number> {
  const before = new Date(ctx.now().getTime() - keptForMs);
  return withSystemTransaction(ctx, async (tx) => {
    const { rowCount } = await tx
      .delete(outgoingMails)
      .where(sql`coalesce(${outgoingMails.sentAt}, ${outgoingMails.failedAt}) < ${before}::timestamptz`);
    return rowCount ?? 0;
  });
}
