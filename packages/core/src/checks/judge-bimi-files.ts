import type { CheckFinding } from "../dns/index.ts";

export type BimiFindingKind = "bimi-logo" | "bimi-certificate";
type Finding = CheckFinding<BimiFindingKind>;

/** A file that a BIMI record names, as it was served. */
export type BimiFile =
  | { kind: "served"; status: number; contentType: string | null; text: string }
  | { kind: "failed"; problem: string };

/** What a mark certificate says (VMC or CMC); null when the file holds no certificate. */
export interface MarkCertificate {
  expiresAt: Date;
  /** Whether it is meant for logos (RFC 3709, id-kp-BrandIndicatorforMessageIdentification). */
  isForLogos: boolean;
  names: readonly string[];
}

export interface BimiFacts {
  domain: string;
  logo: { url: string; file: BimiFile } | null;
  certificate: { url: string; file: BimiFile; read: MarkCertificate | null } | null;
  now: Date;
}

// What providers ask for; larger logos are not shown.
const logoSizeMaxBytes = 32_768;
const dayMs = 86_400_000;
const warnMs = 30 * dayMs;

/** Judges whether providers can show the logo that a domain's BIMI record names. */
export function judgeBimiFiles(facts: BimiFacts): Finding[] {
  return [...logoFindings(facts), ...certificateFindings(facts)];
}

function logoFindings({ domain, logo }: BimiFacts): Finding[] {
  if (logo === null) return [];
  const { url, file } = logo;
  const problem = servedProblem(file) ?? (file.kind === "served" ? logoProblem(file) : null);
  if (problem === null) return [];
  return [
    {
      kind: "bimi-logo",
      about: domain,
      severity: "warning",
      sentence: `The logo of ${domain} cannot be shown: ${problem}.`,
      evidence: [`${url}: ${problem}`],
      why: "Providers show no logo beside the mail.",
      fix: `Serve an SVG in the profile "tiny-ps" of at most ${logoSizeMaxBytes / 1024} KiB at ${url}, as image/svg+xml.`,
    },
  ];
}

function certificateFindings({ domain, certificate, now }: BimiFacts): Finding[] {
  if (certificate === null) return [];
  const { url, file, read } = certificate;
  const leftMs = read === null ? 0 : read.expiresAt.getTime() - now.getTime();
  const problem =
    servedProblem(file) ??
    (read === null
      ? "the file holds no certificate in PEM"
      : !read.isForLogos
        ? "the certificate is not one for logos"
        : leftMs < warnMs
          ? `the certificate ${leftMs <= 0 ? "has expired" : `expires on ${read.expiresAt.toISOString().slice(0, 10)}`}`
          : null);
  if (problem === null) return [];
  return [
    {
      kind: "bimi-certificate",
      about: domain,
      severity: "warning",
      sentence: `The certificate of the logo of ${domain} does not serve: ${problem}.`,
      evidence: [`${url}: ${problem}`],
      why: "Gmail and Apple show no logo without one.",
      fix: "Serve the certificate that the authority gave you (VMC or CMC), in PEM with its chain, and renew it in time.",
    },
  ];
}

function servedProblem(file: BimiFile): string | null {
  if (file.kind === "failed") return file.problem;
  return file.status === 200 ? null : `the status is ${file.status} and not 200`;
}

/** The profile of BIMI (draft-svg-tiny-ps-abrotman §2). */
function logoProblem({ contentType, text }: Extract<BimiFile, { kind: "served" }>): string | null {
  if (!/^image\/svg\+xml(\s*;|\s*$)/i.test(contentType ?? "")) return "its content type is not image/svg+xml";
  if (text.length > logoSizeMaxBytes) return `it has ${text.length} bytes`;
  const root = /<svg\b[^>]*>/i.exec(text)?.[0];
  if (root === undefined) return "it is no SVG";
  if (!/\bbaseProfile\s*=\s*["']tiny-ps["']/.test(root)) return 'its baseProfile is not "tiny-ps"';
  if (!/\bversion\s*=\s*["']1\.2["']/.test(root)) return "its version is not 1.2";
  if (!/<title\b/i.test(text)) return "it has no title";
  if (/<(script|animate\w*|image|foreignObject)\b/i.test(text))
    return "it holds scripts, movement or pictures";
  return null;
}
