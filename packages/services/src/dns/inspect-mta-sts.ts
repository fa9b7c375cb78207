import { judgeMtaSts, type MtaStsFindingKind } from "@mailstead/core/checks";
import type { CheckFinding } from "@mailstead/core/dns";
import type { DnsView } from "./dns-view.ts";
import { fetchMtaStsPolicy } from "./fetch-mta-sts.ts";
import type { PageFetching } from "./fetch-page.ts";

/** What is kept of a policy, to tell at the next check that it changed under its old id. */
export interface SeenPolicy {
  id: string;
  policyText: string;
}

export interface InspectedPolicy {
  /** Null when no policy could be read. */
  seen: SeenPolicy | null;
  findings: CheckFinding<MtaStsFindingKind>[];
}

/** The policy that a domain announces by its TXT record, fetched and judged; null for a domain that announces none. */
export async function inspectMtaSts(
  domain: string,
  { view, before, fetching }: { view: DnsView; before: SeenPolicy | null; fetching?: PageFetching },
): Promise<InspectedPolicy | null> {
  const announced = await view.answer({ name: `_mta-sts.${domain}`, type: "TXT" });
  const id = announced.kind === "found" ? idIn(announced.values) : null;
  if (id === null) return null;
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
    seen: fetched.kind === "answered" && fetched.status === 200 ? { id, policyText: fetched.text } : before,
    findings: judgeMtaSts({ domain, id, fetched, mailHosts, before }),
  };
}

/** RFC 8461 §3.1: other TXT records beside it do not count. */
function idIn(values: readonly string[]): string | null {
  const record = values.find((value) => /^v=STSv1\s*(;|$)/.test(value));
  return /;\s*id=([A-Za-z0-9]{1,32})\s*(;|$)/.exec(record ?? "")?.[1] ?? null;
}
