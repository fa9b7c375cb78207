import { z } from "zod";

const verdictSchema = z.object({
  status: z.object({ status: z.string() }).optional(),
  reason: z.string().optional(),
});
const dataSchema = z.object({
  domainId: z.string().optional(),
  rowData: z
    .array(z.object({ requirement: z.string(), status: z.object({ status: z.string() }).optional() }))
    .max(100)
    .default([]),
  oneClickUnsubscribeVerdict: verdictSchema.optional(),
  honorUnsubscribeVerdict: verdictSchema.optional(),
});

/** How Google sees that a domain keeps its rules for senders. */
export const googleComplianceSchema = z.object({
  complianceData: dataSchema.optional(),
  subdomainComplianceData: dataSchema.optional(),
});

/** One rule, as Google judges it. */
export interface ComplianceRow {
  readonly requirement: string;
  readonly isMet: boolean;
  /** Google's own word for why not, where it gives one. */
  readonly reason: string | null;
}

/** The rules that Google has judged, those of the domain itself where it tells them apart. */
export function googleCompliance(told: z.output<typeof googleComplianceSchema>): ComplianceRow[] {
  const data = told.subdomainComplianceData ?? told.complianceData;
  if (data === undefined) return [];
  const rows = data.rowData.flatMap(({ requirement, status }) =>
    rowOf(requirement, { status, reason: undefined }),
  );
  const verdicts = [
    ...rowOf("ONE_CLICK_UNSUBSCRIBE", data.oneClickUnsubscribeVerdict),
    ...rowOf("HONOR_UNSUBSCRIBE", data.honorUnsubscribeVerdict),
  ];
  const named = new Set(verdicts.map(({ requirement }) => requirement));
  return [...rows.filter(({ requirement }) => !named.has(requirement)), ...verdicts];
}

function rowOf(
  requirement: string,
  verdict: { status?: { status: string } | undefined; reason?: string | undefined } | undefined,
): ComplianceRow[] {
  const status = verdict?.status?.status;
  if (status !== "COMPLIANT" && status !== "NEEDS_WORK") return [];
  return [{ requirement, isMet: status === "COMPLIANT", reason: verdict?.reason ?? null }];
}
