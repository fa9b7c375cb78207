import {
  judgeMtaSts,
  judgeVanishedMtaSts,
  type MtaStsFindingKind,
  rememberPolicy,
  type SeenPolicy,
} from "@mailstead/core/checks";
import { type CheckFinding, readMtaStsId } from "@mailstead/core/dns";
import type { DnsView } from "./dns-view.ts";
import { fetchMtaStsPolicy } from "./fetch-mta-sts.ts";
import type { PageFetching } from "./fetch-page.ts";

export interface InspectedPolicy {
  /** For the next check; null when nothing is known. */
  seen: SeenPolicy | null;
  findings: CheckFinding<MtaStsFindingKind>[];
  /** Kinds of findings of which this look says nothing, because nobody could be asked. */
  unasked: readonly MtaStsFindingKind[];
}

const kinds: readonly MtaStsFindingKind[] = [
  "mta-sts-unreachable",
  "mta-sts-served-wrong",
  "mta-sts-policy",
  "mta-sts-mx",
  "mta-sts-id",
  "mta-sts-short",
  "mta-sts-order",
  "mta-sts-certificate",
];

export interface PolicyInspection {
  view: DnsView;
  /** What the check before saw. */
  before: SeenPolicy | null;
  now: Date;
  /** Mail hosts of which it is known that strangers do not trust their certificates. */
  untrustedHosts?: readonly string[];
  fetching?: PageFetching;
}

/** A policy that comes after this one has not been tested. */
const noPolicy: SeenPolicy = { id: "", policyText: "", wasTested: false };

/** The policy that a domain announces by its TXT record, fetched and judged. */
export async function inspectMtaSts(
  domain: string,
  { view, before, now, untrustedHosts = [], fetching }: PolicyInspection,
): Promise<InspectedPolicy> {
  const announced = await view.answer({ name: `_mta-sts.${domain}`, type: "TXT" });
  // What failed today may be reached tomorrow, and closes nothing that was found before.
  const nothing = { seen: before, findings: [], unasked: kinds };
  if (announced.kind === "failed") return nothing;
  const id = announced.kind === "found" ? idIn(announced.values) : null;
  if (id === null) {
    const findings = judgeVanishedMtaSts(domain, before, now);
    return { seen: findings.length > 0 ? before : noPolicy, findings, unasked: [] };
  }
  const [mx, ...addresses] = await Promise.all([
    view.answer({ name: domain, type: "MX" }),
    ...(["A", "AAAA"] as const).map((type) => view.answer({ name: `mta-sts.${domain}`, type })),
  ]);
  if (addresses.some(({ kind }) => kind === "failed")) return nothing;
  const fetched = await fetchMtaStsPolicy(
    domain,
    addresses.flatMap((answer) => (answer.kind === "found" ? [...answer.values] : [])),
    view.fetchingOf(fetching),
  );
  if (fetched.kind === "failed" && fetched.isUnaskable === true) return nothing;
  const mailHosts =
    mx.kind === "failed"
      ? null
      : mx.kind === "none"
        ? []
        : mx.values
            .map((value) => (value.split(" ")[1] ?? "").replace(/\.$/, ""))
            .filter((host) => host !== "");
  const findings = judgeMtaSts({ domain, id, fetched, mailHosts, before, untrustedHosts });
  return {
    seen:
      fetched.kind === "answered" && fetched.status === 200
        ? rememberPolicy({ id, policyText: fetched.text, at: now }, before)
        : before,
    findings,
    unasked: [...unreadAfter(findings), ...(mailHosts === null ? (["mta-sts-mx"] as const) : [])],
  };
}

/** The steps to a policy, by what is found where one fails; what lies behind it was not read. */
const steps: readonly MtaStsFindingKind[] = ["mta-sts-unreachable", "mta-sts-served-wrong", "mta-sts-policy"];

function unreadAfter(findings: readonly { kind: MtaStsFindingKind }[]): MtaStsFindingKind[] {
  const found = new Set(findings.map(({ kind }) => kind));
  const failed = steps.findIndex((step) => found.has(step));
  return failed < 0 ? [] : kinds.filter((kind) => !steps.slice(0, failed + 1).includes(kind));
}

/** RFC 8461 §3.1: other TXT records beside it do not count. */
function idIn(values: readonly string[]): string | null {
  return values.map(readMtaStsId).find((id) => id !== null) ?? null;
}
