import { googleApps, organisations, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  acrossCustomers,
  parseInput,
  requireOrganisationScope,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { sealForWorker } from "../secrets/index.ts";
import { clientIdSchema, tokenSchema } from "./feed-secret.ts";

/** Where Google sends people back to, below the address of the dashboard. */
const redirectPath = "/settings/google";

const changeInput = z.object({ clientId: clientIdSchema, clientSecret: tokenSchema });

/** The organisation's app at Google, without its secret. */
export interface GoogleApp {
  /** Null while none is registered. */
  readonly clientId: string | null;
  /** What Google is to be told as the app's redirect address. */
  readonly redirectUri: string;
  /** Why Google would not send anybody back here, in one sentence; null where it would. */
  readonly problem: string | null;
  /** Whether who asks may register another one. */
  readonly isOwn: boolean;
}

/** How a person's consent at Google comes here. */
export async function getGoogleApp(
  ctx: ServiceContext,
  _input: Record<string, never> = {},
): Promise<GoogleApp> {
  const clientId = await withTransaction(ctx, (tx) => findClientId(tx, ctx));
  const redirectUri = redirectUriOf(ctx);
  return {
    clientId,
    redirectUri,
    problem: redirectProblem(redirectUri),
    isOwn: ctx.tenantId === null,
  };
}

/**
 * Registers the app at Google by which people of the organisation consent. Its secret is sealed for the worker, and nobody
 * sees it again. Feeds that were connected by another app keep what they have.
 */
export async function changeGoogleApp(
  ctx: ServiceContext,
  input: z.input<typeof changeInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  requireOrganisationScope(ctx);
  const { clientId, clientSecret } = parseInput(changeInput, input);
  const { organisationId } = ctx;
  await withTransaction(ctx, async (tx) => {
    const [organisation] = await tx
      .select({ name: organisations.name })
      .from(organisations)
      .where(eq(organisations.id, organisationId));
    const [before] = await tx.select({ clientId: googleApps.clientId }).from(googleApps);
    const box = await sealForWorker(tx, { purpose: googleAppPurpose(organisationId), text: clientSecret });
    const set = { clientId, box, changedAt: ctx.now() };
    await tx
      .insert(googleApps)
      .values({ organisationId, ...set })
      .onConflictDoUpdate({ target: googleApps.organisationId, set });
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId: null,
      action: "change-google-app",
      subject: { kind: "organisation", id: organisationId, name: organisation?.name ?? "" },
      before: { clientId: before?.clientId ?? null },
      after: { clientId },
    });
  });
}

/** The client id of the organisation's app, by which people of each customer consent too; null while there is none. */
export async function findClientId(tx: Transaction, ctx: ServiceContext): Promise<string | null> {
  const [app] = await acrossCustomers(tx, ctx, () =>
    tx.select({ clientId: googleApps.clientId }).from(googleApps),
  );
  return app?.clientId ?? null;
}

/** What the box of an app's secret is sealed for. */
export function googleAppPurpose(organisationId: string): string {
  return `google-app\n${organisationId}`;
}

/** Where Google sends people back to. Throws `precondition-failed` where Google would not. */
export function usableRedirectUri(ctx: ServiceContext): string {
  const uri = redirectUriOf(ctx);
  const problem = redirectProblem(uri);
  if (problem !== null) throw new ServiceError("precondition-failed", problem);
  return uri;
}

function redirectUriOf({ installation }: ServiceContext): string {
  return `${installation.publicUrl}${redirectPath}`;
}

/** Google's rules for redirect addresses: HTTPS with a name, but for this very machine. */
function redirectProblem(uri: string): string | null {
  const { protocol, hostname } = new URL(uri);
  if (["localhost", "127.0.0.1", "[::1]"].includes(hostname)) return null;
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  if (protocol === "https:" && !isAddress) return null;
  return `Google sends people back only to an address with https and a name, and this dashboard's is ${new URL(uri).origin}. Give it one, or connect by a service account.`;
}
