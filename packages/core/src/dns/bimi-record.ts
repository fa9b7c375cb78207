import type { DmarcPolicy } from "./dmarc-record.ts";
import { attention, different, onlyRecord, type RecordJudgement, rightAsIs } from "./record-judgement.ts";
import { tagList } from "./tag-list.ts";

/** Judges the texts at default._bimi by whether a provider can show the logo. */
export function judgeBimi(
  planned: string,
  values: readonly string[],
  dmarcPolicy: DmarcPolicy | null | undefined,
): RecordJudgement {
  const record = onlyRecord(values, isBimi, {
    start: "v=BIMI1;",
    severalWhy: "several BIMI records are published, and providers then show no logo",
  });
  if (typeof record !== "string") return record;
  const problem = tagProblem(record, planned);
  if (problem !== null) return different(problem);
  if (dmarcPolicy === null || dmarcPolicy === "none")
    return attention(
      "no logo is shown until the DMARC policy of this domain is p=quarantine or p=reject, without a test",
    );
  return rightAsIs;
}

function tagProblem(record: string, planned: string): string | null {
  const [found, wanted] = [tagList(record), tagList(planned)];
  const logo = found.get("l") ?? "";
  if (logo === "") return "l= is empty, which says that this domain wants no logo shown";
  if (!/^https:\/\/[^\s;]+$/i.test(logo)) return "l= is no https: address of a logo";
  const certificate = found.get("a") ?? "";
  if (certificate !== "" && !/^https:\/\/[^\s;]+$/i.test(certificate))
    return "a= is no https: address of a certificate";
  if (logo !== wanted.get("l")) return `the logo is taken from ${logo} and not from ${wanted.get("l")}`;
  const wantedCertificate = wanted.get("a") ?? "";
  return wantedCertificate !== "" && certificate !== wantedCertificate
    ? `the certificate is taken from ${certificate === "" ? "nowhere" : certificate} and not from ${wantedCertificate}`
    : null;
}

function isBimi(value: string): boolean {
  return /^v=BIMI1[ \t]*(;|$)/i.test(value);
}
