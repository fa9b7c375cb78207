import { domains, mailboxes, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { mailboxPasswordHash } from "./create-mailbox.ts";
import { mailboxEntry } from "./directory-entries.ts";
import { editDirectories } from "./directory-log.ts";
import { quotaBytesInput } from "./mailbox-input.ts";

const setMailboxPasswordInput = z.object({ mailboxId: z.uuid(), password: z.string().max(1000) });

/** Sets the password of a mailbox; the old one ends with the next sync. */
export async function setMailboxPassword(
  ctx: ServiceContext,
  input: z.input<typeof setMailboxPasswordInput>,
): Promise<void> {
  const { mailboxId, password } = parseInput(setMailboxPasswordInput, input);
  requireRole(ctx, "technician");
  const { address } = await withTransaction(ctx, (tx) => findMailbox(tx, mailboxId));
  const passwordHash = await mailboxPasswordHash(password, address);
  await changeMailbox(ctx, mailboxId, {
    action: "set-mailbox-password",
    values: { passwordHash },
    shown: null,
  });
}

const setMailboxQuotaInput = z.object({ mailboxId: z.uuid(), quotaBytes: quotaBytesInput });

/** Sets how much a mailbox may hold; 0 means no limit. */
export async function setMailboxQuota(
  ctx: ServiceContext,
  input: z.input<typeof setMailboxQuotaInput>,
): Promise<void> {
  const { mailboxId, quotaBytes } = parseInput(setMailboxQuotaInput, input);
  await changeMailbox(ctx, mailboxId, {
    action: "set-mailbox-quota",
    values: { quotaBytes },
    shown: "quotaBytes",
  });
}

const setMailboxEnabledInput = z.object({ mailboxId: z.uuid(), isEnabled: z.boolean() });

/** A disabled mailbox can neither sign in nor receive, and keeps its mail. */
export async function setMailboxEnabled(
  ctx: ServiceContext,
  input: z.input<typeof setMailboxEnabledInput>,
): Promise<void> {
  const { mailboxId, isEnabled } = parseInput(setMailboxEnabledInput, input);
  await changeMailbox(ctx, mailboxId, {
    action: isEnabled ? "enable-mailbox" : "disable-mailbox",
    values: { isEnabled },
    shown: "isEnabled",
  });
}

/** A mailbox with its domain, locked until the transaction ends; throws `not-found`. */
export async function findMailbox(tx: Transaction, mailboxId: string) {
  const [row] = await tx
    .select({ mailbox: mailboxes, domainName: domains.name })
    .from(mailboxes)
    .innerJoin(domains, eq(domains.id, mailboxes.domainId))
    .where(eq(mailboxes.id, mailboxId))
    .for("update", { of: mailboxes });
  if (row === undefined) throw new ServiceError("not-found", "There is no such mailbox.");
  return {
    ...row.mailbox,
    domainName: row.domainName,
    address: `${row.mailbox.localPart}@${row.domainName}`,
  };
}

interface MailboxChange {
  action: string;
  values: Partial<Pick<typeof mailboxes.$inferSelect, "passwordHash" | "quotaBytes" | "isEnabled">>;
  /** The value that the audit may show; null for a secret. */
  shown: "quotaBytes" | "isEnabled" | null;
}

async function changeMailbox(ctx: ServiceContext, mailboxId: string, change: MailboxChange): Promise<void> {
  requireRole(ctx, "technician");
  await withTransaction(ctx, async (tx) => {
    const before = await findMailbox(tx, mailboxId);
    const after = { ...before, ...change.values };
    await tx.update(mailboxes).set(change.values).where(eq(mailboxes.id, mailboxId));
    await editDirectories(tx, ctx, {
      domainId: before.domainId,
      edits: [{ op: "upsert", entry: mailboxEntry(before.domainName, after) }],
    });
    const { shown } = change;
    await recordAudit(tx, ctx, {
      organisationId: before.organisationId,
      tenantId: before.tenantId,
      action: change.action,
      subject: { kind: "mailbox", id: mailboxId, name: before.address },
      ...(shown === null ? {} : { before: { [shown]: before[shown] }, after: { [shown]: after[shown] } }),
    });
  });
}
