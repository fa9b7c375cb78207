import type { RouterOutputs } from "../../client/router-types.ts";
import type { Level } from "../../components/level.tsx";

export type CertificateView = RouterOutputs["certificates"]["list"][number];

export interface CertificateStanding {
  level: Level;
  word:
    | "certificates.level.good"
    | "certificates.level.installing"
    | "certificates.level.asked"
    | "certificates.level.changing-key"
    | "certificates.level.revoked"
    | "certificates.concern.expired"
    | "certificates.concern.expires-soon"
    | "certificates.concern.order-failing";
  daysLeft: number;
}

type Stood = Pick<CertificateView, "concern" | "notAfter" | "isInstalled" | "isChangingKey" | "isRevoked">;

/** The one word that a certificate is shown under: what needs somebody first, else how far it has come. */
export function standingOf(view: Stood): CertificateStanding {
  const { concern, notAfter, isInstalled, isChangingKey, isRevoked } = view;
  const at = (level: Level, word: CertificateStanding["word"]) => ({ level, word, daysLeft: 0 });
  if (isRevoked) return at("trouble", "certificates.level.revoked");
  if (concern !== null)
    return {
      level: concern.level,
      word: `certificates.concern.${concern.code}`,
      daysLeft: Math.max(0, concern.daysLeft ?? 0),
    };
  if (notAfter === null) return at("unknown", "certificates.level.asked");
  if (!isInstalled) return at("unknown", "certificates.level.installing");
  return isChangingKey
    ? at("good", "certificates.level.changing-key")
    : at("good", "certificates.level.good");
}

/** Whether something is to happen to it within seconds, so that a page had better look again. */
export function isMoving(
  view: Pick<CertificateView, "isRequested" | "isInstalled" | "problem"> & {
    issued: readonly { revocation: { revokedAt: Date | null; problem: string | null } | null }[];
  },
): boolean {
  const isRevoking = view.issued.some(
    ({ revocation }) => revocation !== null && revocation.revokedAt === null && revocation.problem === null,
  );
  return view.isRequested || !view.isInstalled || view.problem?.kind === "temporary" || isRevoking;
}
