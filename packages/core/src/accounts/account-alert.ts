import { z } from "zod";
import { type AccountRecord, markOdd } from "./account-record.ts";
import { accountThresholds } from "./account-thresholds.ts";
import { type AccountJudgement, type AccountSign, accountSigns, judgeAccount } from "./judge-account.ts";

export const accountSignSchema = z.object({
  kind: z.enum(accountSigns),
  measured: z.number(),
  of: z.number().nullable(),
});

/** That an account sends unlike itself: from its first sign until it has been quiet for long, or a person let it go on. */
export const accountAlertSchema = z.object({
  since: z.number(),
  /** When a sign was last seen. */
  lastAt: z.number(),
  certainty: z.enum(["possible", "high"]),
  /** The most of each kind that was measured. */
  signs: z.array(accountSignSchema),
});
export type AccountAlert = z.infer<typeof accountAlertSchema>;

/**
 * What is known after a look at how the account sends now. A day on which something besides its volume was odd does not
 * become what is usual; many messages alone may, or who writes to many would be told of for ever.
 */
export function followAccount(
  { record, alert }: { readonly record: AccountRecord; readonly alert: AccountAlert | null },
  now: number,
): { record: AccountRecord; alert: AccountAlert | null } {
  const judgement = judgeAccount(record, now);
  const isOdd = judgement.kind === "suspicious" && judgement.signs.some(({ kind }) => kind !== "volume");
  return { record: isOdd ? markOdd(record, now) : record, alert: foldAlert(alert, judgement, now) };
}

/** The alert after a look. It grows in certainty and never shrinks; what is usual ends it once it was quiet for long. */
export function foldAlert(
  alert: AccountAlert | null,
  judgement: AccountJudgement,
  now: number,
): AccountAlert | null {
  if (judgement.kind !== "suspicious")
    return alert !== null && now - alert.lastAt < accountThresholds.quietMs ? alert : null;
  const { certainty, signs } = judgement;
  if (alert === null) return { since: now, lastAt: now, certainty, signs: [...signs] };
  return {
    since: alert.since,
    lastAt: now,
    certainty: alert.certainty === "high" ? "high" : certainty,
    signs: accountSigns.flatMap((kind) => {
      const of = [...alert.signs, ...signs].filter((sign) => sign.kind === kind);
      return of.length === 0 ? [] : [of.reduce(worse)];
    }),
  };
}

function worse(a: AccountSign, b: AccountSign): AccountSign {
  return b.measured > a.measured ? b : a;
}
