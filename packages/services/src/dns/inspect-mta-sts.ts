import {
  judgeMtaSts,
  judgeVanishedMtaSts,
  type MtaStsFindingKind,
  rememberPolicy,
  type SeenPolicy,
} from "@mailstead/core/checks";
import type { CheckFinding } from "@mailstead/core/dns";
import type { DnsView } from "./dns-view.ts";
import { fetchMtaStsPolicy } from "./fetch-mta-sts.ts";
import type { PageFetching } from "./fetch-page.ts";

export interface InspectedPolicy {
  /** For the next check; null when nothing is known. */
  seen: SeenPolicy | null;
  findings: CheckFinding<MtaStsFindingKind>[];
}

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
  if (announced.kind === "failed") return { seen: before, findings: [] };
  const id = announced.kind === "found" ? idIn(announced.values) : null;
  if (id === null) {
    const findings = judgeVanishedMtaSts(domain, before, now);
    return { seen: findings.length > 0 ? before : noPolicy, findings };
  }
  const [mx, ...addresses] = await Promise.all([
    view.answer({ name: domain, type: "MX" }),
    ...(["A", "AAAA"] as const).map((type) => view.answer({ name: `mta-sts.${domain}`, type })),
  ]);
  // Whose question failed may be reached tomorrow; that the policy cannot be fetched is then not known.
  if (addresses.some(({ kind }) => kind === "failed")) return { seen: before, findings: [] };
  const fetched = await fetchMtaStsPolicy(
    domain,
    addresses.flatMap((answer) => (answer.kind === "found" ? [...answer.values] : [])),
    fetching,
  );
  const mailHosts =
    mx.kind === "failed"
      ? null
      : mx.kind === "none"
        ? []
        : mx.values
            .map((value) => (value.split(" ")[1] ?? "").replace(/\.$/, ""))
            .filter((host) => host !== "");
  return {
    seen:
      fetched.kind === "answered" && fetched.status === 200
        ? rememberPolicy({ id, policyText: fetched.text, at: now }, before)
        : before,
    findings: judgeMtaSts({ domain, id, fetched, mailHosts, before, untrustedHosts }),
  };
}

/** RFC 8461 §3.1: other TXT records beside it do not count. */
function idIn(values: readonly string[]): string | null {
  const record = values.find((value) => /^v=STSv1\s*(;|$)/.test(value));
  return /;\s*id=([A-Za-z0-9]{1,32})\s*(;|$)/.exec(record ?? "")?.[1] ?? null;
}
