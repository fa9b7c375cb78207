import { certificateFindingPrefix } from "@mailstead/core/certificates";
import { conditionFindingPrefix } from "@mailstead/core/checks";
import { keyFindingPrefix } from "@mailstead/core/dkim";
import { checkFindings } from "@mailstead/db";
import { and, asc, isNull, like, or } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";

/** Of what a line of Home speaks: what a host tells of itself, a record of a domain, a certificate, keys, or records that are to go. */
export type AnswerableKind = keyof typeof prefixes;

const prefixes = {
  condition: conditionFindingPrefix,
  record: "record ",
  certificate: certificateFindingPrefix,
  keys: keyFindingPrefix,
  withdrawal: "withdrawal ",
} as const;

/** A finding that stands behind a line of Home which is made of something else, so that it can be answered there. */
export interface AnswerableFinding {
  readonly id: string;
  readonly kind: AnswerableKind;
  /** What its key says behind the kind. */
  readonly about: string;
  readonly sentence: string;
  readonly serverId: string | null;
  readonly domainId: string | null;
  readonly acknowledgedBy: string | null;
  readonly snoozedUntil: Date | null;
}

/** The findings that are open and have no line of their own on Home, the oldest first. */
export function listAnswerable(ctx: ServiceContext): Promise<AnswerableFinding[]> {
  const kinds = Object.entries(prefixes) as [AnswerableKind, string][];
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({
        id: checkFindings.id,
        key: checkFindings.key,
        sentence: checkFindings.sentence,
        serverId: checkFindings.serverId,
        domainId: checkFindings.domainId,
        acknowledgedBy: checkFindings.acknowledgedBy,
        snoozedUntil: checkFindings.snoozedUntil,
      })
      .from(checkFindings)
      .where(
        and(
          isNull(checkFindings.closedAt),
          or(...kinds.map(([, prefix]) => like(checkFindings.key, `${prefix}%`))),
        ),
      )
      .orderBy(asc(checkFindings.openedAt), asc(checkFindings.id));
    return rows.flatMap(({ key, ...row }) =>
      kinds
        .filter(([, prefix]) => key.startsWith(prefix))
        .map(([kind, prefix]) => ({ ...row, kind, about: key.slice(prefix.length) })),
    );
  });
}
