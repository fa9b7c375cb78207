/** What a receiver did with mail (RFC 7489 appendix C; `pass` since RFC 9990); `unknown` where it does not say. */
export type AggregateDisposition = "none" | "quarantine" | "reject" | "pass" | "unknown";

/** A policy as it is published. */
export type PublishedPolicy = "none" | "quarantine" | "reject";

/** One signature or one sender check of a record, as the receiver saw it. */
export interface AuthResult {
  readonly domain: string | null;
  readonly selector: string | null;
  /** `mfrom` or `helo`, for SPF only. */
  readonly scope: string | null;
  readonly result: string;
  readonly comment: string | null;
}

/** Why a receiver did not do what the policy says. */
export interface OverrideReason {
  readonly type: string;
  readonly comment: string | null;
}

/** Messages of one source that fared alike. */
export interface AggregateRecord {
  /** Null where the receiver wrote something that is no address: its messages count all the same. */
  readonly sourceIp: string | null;
  readonly count: number;
  readonly disposition: AggregateDisposition;
  /** DKIM and SPF with alignment, as DMARC counts them. */
  readonly isDkimAligned: boolean;
  readonly isSpfAligned: boolean;
  readonly reasons: readonly OverrideReason[];
  readonly headerFrom: string | null;
  readonly envelopeFrom: string | null;
  readonly envelopeTo: string | null;
  readonly dkim: readonly AuthResult[];
  readonly spf: readonly AuthResult[];
}

/** The policy that the receiver found and applied. */
export interface AggregatePolicy {
  readonly domain: string;
  readonly policy: PublishedPolicy | null;
  readonly subdomainPolicy: PublishedPolicy | null;
  readonly missingDomainPolicy: PublishedPolicy | null;
  /** Percentage; gone with RFC 9990. */
  readonly percent: number | null;
  readonly dkimAlignment: "r" | "s" | null;
  readonly spfAlignment: "r" | "s" | null;
  readonly isTesting: boolean | null;
  readonly discoveryMethod: string | null;
}

/** A DMARC aggregate report (RFC 7489 §7.2, RFC 9990). */
export interface AggregateReport {
  readonly organisation: string | null;
  readonly email: string | null;
  readonly reportId: string;
  /** Seconds since 1970. A report may lie about its time: judge it before use. */
  readonly beginS: number;
  readonly endS: number;
  readonly policy: AggregatePolicy;
  readonly records: readonly AggregateRecord[];
}

/** Sums over a report, in messages, but for `records`, `sources` and `overrides`, which counts records by reason. */
export interface AggregateSums {
  readonly records: number;
  readonly messages: number;
  readonly dkimAligned: number;
  readonly spfAligned: number;
  readonly passed: number;
  readonly sources: number;
  readonly dispositions: Readonly<Partial<Record<AggregateDisposition, number>>>;
  readonly overrides: Readonly<Record<string, number>>;
}

/** Adds a report up. A message passes DMARC when DKIM or SPF is aligned (RFC 7489 §4.2). */
export function sumAggregateReport({ records }: AggregateReport): AggregateSums {
  const count = (chosen: (record: AggregateRecord) => boolean) =>
    records.filter(chosen).reduce((sum, record) => sum + record.count, 0);
  const dispositions = new Map<AggregateDisposition, number>();
  const overrides = new Map<string, number>();
  for (const { disposition, reasons, count: messages } of records) {
    dispositions.set(disposition, (dispositions.get(disposition) ?? 0) + messages);
    for (const { type } of reasons) overrides.set(type, (overrides.get(type) ?? 0) + 1);
  }
  return {
    records: records.length,
    messages: count(() => true),
    dkimAligned: count(({ isDkimAligned }) => isDkimAligned),
    spfAligned: count(({ isSpfAligned }) => isSpfAligned),
    passed: count(({ isDkimAligned, isSpfAligned }) => isDkimAligned || isSpfAligned),
    sources: new Set(records.map(({ sourceIp }) => sourceIp)).size,
    dispositions: Object.fromEntries(dispositions),
    overrides: Object.fromEntries(overrides),
  };
}
