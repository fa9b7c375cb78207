import { directoryMailboxSchema } from "@mailstead/core/mailboxes";
import { aliases, insertMany, mailboxes, newId, type Transaction } from "@mailstead/db";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { mailboxPasswordHash, refreshAliasesTo } from "./create-mailbox.ts";
import { mailboxEntry } from "./directory-entries.ts";
import { editDirectories } from "./directory-log.ts";
import { getHostedDomainForChange } from "./find-domain.ts";
import { addressOf, localPartInput, quotaBytesInput } from "./mailbox-input.ts";

// Hashing a password takes tens of milliseconds on purpose, so a call with clear passwords is kept short.
const withPasswordMax = 500;
const mailboxesMax = 10_000;

const importMailboxesInput = z.object({
  domainId: z.uuid(),
  mailboxes: z
    .array(
      z.object({
        localPart: localPartInput,
        quotaBytes: quotaBytesInput.default(0),
        isEnabled: z.boolean().default(true),
        /** Either a clear password, or the hash that the mailbox had elsewhere. */
        password: z.string().max(1000).optional(),
        passwordHash: directoryMailboxSchema.shape.passwordHash.optional(),
      }),
    )
    .min(1, "there is nothing to import")
    .max(mailboxesMax, `one import holds at most ${mailboxesMax} mailboxes`),
});
type Wanted = z.output<typeof importMailboxesInput>["mailboxes"][number];

/**
 * Makes many mailboxes of one domain at once, all or none. Throws `conflict` that names the first address which
 * stands twice or exists, and `limit-reached` for more clear passwords than one call can hash.
 */
export async function importMailboxes(
  ctx: ServiceContext,
  input: z.input<typeof importMailboxesInput>,
): Promise<{ count: number }> {
  requireRole(ctx, "technician");
  const { domainId, mailboxes: wanted } = parseInput(importMailboxesInput, input);
  refuseRepeats(wanted);
  const hashes = await hashesOf(wanted);
  return withTransaction(ctx, async (tx) => {
    const domain = await getHostedDomainForChange(tx, domainId);
    const { organisationId, tenantId } = domain;
    await refuseExisting(tx, domainId, wanted);
    const createdAt = ctx.now();
    const shared = { organisationId, tenantId, domainId, createdAt };
    const rows = wanted.map(({ localPart, quotaBytes, isEnabled }, index) => {
      addressOf(localPart, domain.name);
      const passwordHash = hashes[index] ?? "";
      return { ...shared, id: newId(createdAt), localPart, passwordHash, quotaBytes, isEnabled };
    });
    await insertMany(tx, mailboxes, rows);
    await editDirectories(tx, ctx, {
      domainId,
      edits: rows.map((row) => ({ op: "upsert" as const, entry: mailboxEntry(domain.name, row) })),
    });
    await refreshAliasesOfImport(
      tx,
      ctx,
      rows.map((row) => `${row.localPart}@${domain.name}`),
    );
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "import-mailboxes",
      subject: { kind: "domain", id: domainId, name: domain.name },
      after: { count: rows.length },
    });
    return { count: rows.length };
  });
}

async function refreshAliasesOfImport(
  tx: Transaction,
  ctx: ServiceContext,
  addresses: readonly string[],
): Promise<void> {
  const touched = await tx
    .select({ destinations: aliases.destinations })
    .from(aliases)
    .where(sql`${aliases.destinations} && ${sql.param([...addresses])}::text[]`);
  const led = new Set(touched.flatMap((alias) => alias.destinations));
  for (const address of addresses) if (led.has(address)) await refreshAliasesTo(tx, ctx, address);
}

function refuseRepeats(wanted: readonly Wanted[]): void {
  const seen = new Set<string>();
  for (const { localPart } of wanted) {
    if (seen.has(localPart)) throw new ServiceError("conflict", `"${localPart}" stands twice in the import.`);
    seen.add(localPart);
  }
}

async function hashesOf(wanted: readonly Wanted[]): Promise<string[]> {
  if (wanted.filter((one) => one.passwordHash === undefined).length > withPasswordMax)
    throw new ServiceError(
      "limit-reached",
      `One import takes at most ${withPasswordMax} clear passwords; divide it, or give password hashes.`,
    );
  const hashes: string[] = [];
  for (const { localPart, password, passwordHash } of wanted)
    hashes.push(passwordHash ?? (await mailboxPasswordHash(password ?? "", localPart)));
  return hashes;
}

/** The domain is locked, so nobody makes one of these meanwhile. */
async function refuseExisting(tx: Transaction, domainId: string, wanted: readonly Wanted[]): Promise<void> {
  const names = wanted.map((one) => one.localPart);
  const [existing] = await tx
    .select({ localPart: mailboxes.localPart })
    .from(mailboxes)
    .where(
      and(eq(mailboxes.domainId, domainId), sql`${mailboxes.localPart} = any(${sql.param(names)}::text[])`),
    )
    .limit(1);
  if (existing !== undefined)
    throw new ServiceError("conflict", `"${existing.localPart}" exists in this domain already.`);
}
