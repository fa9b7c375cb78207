import type { CheckFinding } from "../dns/index.ts";
import { dayWords } from "../text/index.ts";

export type BimiFindingKind = "bimi-logo" | "bimi-certificate" | "bimi-logo-differs";
type Finding = CheckFinding<BimiFindingKind>;

/** A file that a BIMI record names, as it was served. */
export type BimiFile =
  | { kind: "served"; status: number; contentType: string | null; text: string }
  | { kind: "failed"; problem: string };

/** What a mark certificate says (VMC or CMC), with those of its issuers that the file holds. */
export interface MarkCertificate {
  startsAt: Date;
  /** Of the first that ends. */
  expiresAt: Date;
  /** Whether it is meant for logos (RFC 3709, id-kp-BrandIndicatorforMessageIdentification). */
  isForLogos: boolean;
  names: readonly string[];
  issuer: string;
  /** The logos that it holds, as texts; empty where none could be read. */
  logos: readonly string[];
  /** Why the certificates of the file do not lead from one to the next, as a part of a sentence; null when they do. */
  chainProblem: string | null;
  /** Whether the last of them was issued by a mark authority that is known here. */
  isRootKnown: boolean;
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
  return [...logoFindings(facts), ...certificateFindings(facts), ...differingLogo(facts)];
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
  const problem =
    servedProblem(file) ??
    (read === null ? "the file holds no certificate in PEM" : markProblem(read, { domain, now }));
  const words = {
    kind: "bimi-certificate",
    about: domain,
    why: "Gmail and Apple show no logo without one that they can verify.",
    fix: "Serve the certificate that the authority gave you (VMC or CMC), in PEM with its chain, and renew it in time.",
  } as const;
  if (problem !== null)
    return [
      {
        ...words,
        severity: "warning",
        sentence: `The certificate of the logo of ${domain} does not serve: ${problem}.`,
        evidence: [`${url}: ${problem}`],
      },
    ];
  if (read === null || read.isRootKnown) return [];
  // Which authorities a provider trusts is its own list, and may be newer than the one that is known here.
  return [
    {
      ...words,
      severity: "instruction",
      sentence: `The certificate of the logo of ${domain} was issued by ${read.issuer}, which leads to no mark authority that is known here.`,
      evidence: [`${url}: issued by ${read.issuer}`],
    },
  ];
}

/** Providers show what both hold, so that nobody shows a logo that no authority has looked at. */
function differingLogo({ domain, logo, certificate }: BimiFacts): Finding[] {
  const logos = certificate?.read?.logos ?? [];
  if (logo === null || certificate === null || logos.length === 0) return [];
  if (logo.file.kind !== "served" || logo.file.status !== 200) return [];
  const published = withoutMark(logo.file.text);
  if (logos.some((one) => withoutMark(one) === published)) return [];
  return [
    {
      kind: "bimi-logo-differs",
      about: domain,
      severity: "warning",
      sentence: `The logo that ${domain} publishes is not the one that its certificate holds.`,
      evidence: [
        `${logo.url}: ${logo.file.text.length} characters`,
        `${certificate.url}: a logo of ${logos.map(({ length }) => length).join(", ")} characters`,
      ],
      why: "Providers compare both to the letter, and show no logo when they differ.",
      fix: `Serve the very file at ${logo.url} that the authority has put into the certificate, or get a certificate for the new logo.`,
    },
  ];
}

/** A byte order mark is of the file and not of the picture. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

function markProblem(
  read: MarkCertificate,
  { domain, now }: Pick<BimiFacts, "domain" | "now">,
): string | null {
  if (!read.isForLogos) return "the certificate is not one for logos";
  if (!read.names.some((name) => isMarkOf(name, domain)))
    return `the certificate is for ${read.names.join(", ") || "no name"}`;
  if (read.chainProblem !== null) return read.chainProblem;
  if (read.logos.length === 0) return "the certificate holds no logo that can be read";
  if (read.startsAt > now) return `the certificate holds from ${dayWords(read.startsAt)} only`;
  const leftMs = read.expiresAt.getTime() - now.getTime();
  if (leftMs >= warnMs) return null;
  return leftMs <= 0
    ? "the certificate has expired"
    : `the certificate expires on ${dayWords(read.expiresAt)}`;
}

/** The name of the domain, of one above it, or of the record itself, which holds for one selector alone. */
function isMarkOf(name: string, domain: string): boolean {
  const base = name.toLowerCase().replace(/^[^.]+\._bimi\./, "");
  return `.${domain}`.endsWith(`.${base}`);
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
