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

const ask = "Open the certificates and press “Get a certificate now”.";

/**
 * What is wrong with a certificate: one finding for one cause, under one key from the first alarm, a fortnight before its
 * end, until after it. A week before it becomes an error, which is told anew, and its words follow what is so.
 */
export function findingsOfCertificate(
  signs: CertificateSigns,
  { title, serverName, problem }: NamedCertificate,
  now: Date,
): CertificateFindingText[] {
  const concern = concernOfCertificate(signs, now);
  if (concern === null) return [];
  const { notAfter } = signs;
  const about = `The certificate of ${title} on ${serverName}`;
  const reason = problem === null ? "" : ` ${problem}`;
  const day = notAfter === null ? "an unknown day" : dayWords(notAfter);
  const evidence = [
    ...(notAfter === null
      ? [`${serverName} holds no certificate for ${title} yet`]
      : [`${serverName}: the certificate for ${title} holds until ${momentMark(notAfter)}`]),
    ...(problem === null ? [] : [`the last order: ${problem}`]),
  ];
  const fix =
    problem === null
      ? `${ask} The card there says why it was not renewed.`
      : `Read the reason in the sentence, and mend that first. ${ask}`;
  const found = (
    code: "ends" | "failing",
    { severity, sentence, why }: Pick<CertificateFindingText, "severity" | "sentence"> & { why: string },
  ) => [
    {
      key: `${certificateFindingPrefix}${code} ${title} on ${serverName}`.toLowerCase(),
      severity,
      sentence: `${sentence}${reason}`,
      told: { evidence, why, fix },
    },
  ];
  switch (concern.code) {
    case "expires-soon":
      return found(
        "ends",
        concern.level === "attention"
          ? {
              severity: "warning",
              sentence: `${about} ends on ${day} and has not been renewed in time.`,
              why: "Renewal ought to have happened by now. Nothing is broken until the day that is named.",
            }
          : {
              severity: "error",
              sentence: `${about} ends on ${day}, and mail programs and senders will refuse it then.`,
              why: "From that day on mail programs warn people, and senders that check certificates hold mail back.",
            },
      );
    case "expired":
      return found("ends", {
        severity: "error",
        sentence: `${about} ended on ${day}; mail programs warn people or refuse to connect.`,
        why: "Senders that check certificates hold mail back, and people are taught to click warnings away.",
      });
    case "order-failing":
      return found(
        "failing",
        notAfter === null
          ? {
              severity: "warning",
              sentence: `${serverName} has no certificate for ${title}, and none can be got.`,
              why: "Mail programs warn people who connect under this name, and senders that check certificates hold mail back.",
            }
          : {
              severity: "warning",
              sentence: `${about} cannot be renewed. It goes on until ${day}.`,
              why: "Nothing is broken until that day; after it mail programs warn people.",
            },
      );
  }
}
