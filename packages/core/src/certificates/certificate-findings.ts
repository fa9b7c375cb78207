import type { ToldOfFinding } from "../checks/index.ts";
import { dayWords, momentMark } from "../text/index.ts";
import { type CertificateSigns, concernOfCertificate } from "./certificate-concern.ts";

/** Begins the key of every finding about a certificate that we hold, so that no other check closes it. */
export const certificateFindingPrefix = "held-certificate-";

export interface CertificateFindingText {
  key: string;
  severity: "error" | "warning";
  sentence: string;
  told: ToldOfFinding;
}

export interface NamedCertificate {
  /** The domain, or the server's own name. */
  title: string;
  serverName: string;
  /** What went wrong last, in plain words. */
  problem: string | null;
}

/**
 * What is wrong with a certificate, as findings that are told by mail. The alarm of the last week stands beside the one of
 * the last fortnight and does not take its place, so that a second mail is written.
 */
export function findingsOfCertificate(
  signs: CertificateSigns,
  { title, serverName, problem }: NamedCertificate,
  now: Date,
): CertificateFindingText[] {
  const concern = concernOfCertificate(signs, now);
  if (concern === null) return [];
  const about = `The certificate of ${title} on ${serverName}`;
  const why = problem === null ? "" : ` ${problem}`;
  const key = (code: string) => `${certificateFindingPrefix}${code} ${title} on ${serverName}`.toLowerCase();
  const day = signs.notAfter === null ? "an unknown day" : dayWords(signs.notAfter);
  const { notAfter } = signs;
  const told = {
    evidence: [
      ...(notAfter === null
        ? [`${serverName} holds no certificate for ${title} yet`]
        : [`${serverName}: the certificate for ${title} holds until ${momentMark(notAfter)}`]),
      ...(problem === null ? [] : [`the last order: ${problem}`]),
    ],
  };
  const warning = {
    key: key("ends"),
    severity: "warning" as const,
    sentence: `${about} ends on ${day} and has not been renewed in time.${why}`,
    told,
  };
  const alarm = {
    key: key("ends-soon"),
    severity: "error" as const,
    sentence: `${about} ends on ${day}, and mail programs and senders will refuse it then.${why}`,
    told,
  };
  switch (concern.code) {
    case "expires-soon":
      return concern.level === "trouble" ? [warning, alarm] : [warning];
    case "expired":
      return [
        warning,
        alarm,
        {
          key: key("ended"),
          severity: "error",
          sentence: `${about} ended on ${day}; mail programs warn people or refuse to connect.${why}`,
          told,
        },
      ];
    case "order-failing":
      return [
        {
          key: key("failing"),
          severity: "warning",
          sentence: `${about} cannot be got or renewed.${why}`,
          told,
        },
      ];
  }
}
