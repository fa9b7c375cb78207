import { failureSentence, nextDirectoryLook } from "@mailstead/core/certificates";
import { acmeSettings } from "@mailstead/db";
import { and, eq, isNull, lte, or, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { makeAccountKey, readAccountKey } from "./acme/account-key.ts";
import { AcmeClient } from "./acme/acme-client.ts";
import { AcmeError } from "./acme/acme-error.ts";

const directoriesPerRun = 20;

type SettingsRow = typeof acmeSettings.$inferSelect;
type ReadDirectory = { termsUrl: string | null } | { problem: string };

/**
 * Reads the directories of the chosen authorities for their terms (RFC 8555 §7.1.1): at once when one was chosen, daily
 * from then on. Terms that had been agreed to before any were read count as those of the first reading. Gives those that
 * could not be seen to, which keep no other organisation from its turn.
 */
export async function readDueTerms(
  ctx: SystemContext,
): Promise<{ organisationId: string; cause: unknown }[]> {
  const due = await withSystemTransaction(ctx, (tx) =>
    tx
      .select()
      .from(acmeSettings)
      .where(or(isNull(acmeSettings.nextDirectoryLookAt), lte(acmeSettings.nextDirectoryLookAt, ctx.now())))
      .limit(directoriesPerRun),
  );
  const failed = await Promise.all(
    due.map(async (row) => {
      try {
        await keep(ctx, row, await read(ctx, row));
        return [];
      } catch (cause) {
        return [{ organisationId: row.organisationId, cause }];
      }
    }),
  );
  return failed.flat();
}

async function read(
  ctx: SystemContext,
  { directoryUrl, rootCertificates }: SettingsRow,
): Promise<ReadDirectory> {
  const trusted = rootCertificates === null ? [] : [rootCertificates];
  // Whoever only reads needs no account, so this key is nobody's.
  const key = readAccountKey(makeAccountKey());
  const client = new AcmeClient({ directoryUrl, trusted, now: () => ctx.now() }, { key, url: null });
  try {
    return { termsUrl: await client.readTermsUrl() };
  } catch (error) {
    if (error instanceof AcmeError) return { problem: failureSentence(error.failure) };
    throw error;
  }
}

async function keep(ctx: SystemContext, row: SettingsRow, found: ReadDirectory): Promise<void> {
  const { organisationId, directoryUrl } = row;
  const failures = "problem" in found ? row.directoryAttempts + 1 : 0;
  const said =
    "problem" in found
      ? { directoryProblem: found.problem }
      : {
          directoryProblem: null,
          termsUrl: found.termsUrl,
          directoryReadAt: ctx.now(),
          termsAgreedUrl: sql`case when ${acmeSettings.termsAgreedAt} is null then null
            else coalesce(${acmeSettings.termsAgreedUrl}, ${found.termsUrl}) end`,
        };
  await withSystemTransaction(ctx, (tx) =>
    tx
      .update(acmeSettings)
      .set({
        ...said,
        directoryAttempts: failures,
        nextDirectoryLookAt: nextDirectoryLook({ organisationId, failures }, ctx.now()),
      })
      // Another one may have been chosen meanwhile.
      .where(
        and(eq(acmeSettings.organisationId, organisationId), eq(acmeSettings.directoryUrl, directoryUrl)),
      ),
  );
}
