import type { DmarcPolicy } from "../dns/index.ts";

const policies: readonly DmarcPolicy[] = ["none", "quarantine", "reject"];

/** What the last check says of the records that mail proves itself by; unknown before anybody looked. */
export type ProofStanding = "passing" | "failing" | "unknown";

export interface DmarcStanding {
  domain: string;
  policy: DmarcPolicy;
  /** Whether SPF and DKIM records are right on every name server. */
  proof: ProofStanding;
  /** Whether anybody gets the reports that tell of senders nobody thought of. */
  hasReports: boolean;
}

/**
 * Says why a domain may not go on to a stricter policy now, or null when it may. One step at a time, and only while
 * the records pass: receivers would throw away what the domain itself sends. A milder policy is always free.
 */
export function dmarcStepProblem({ domain, policy, proof }: DmarcStanding, to: DmarcPolicy): string | null {
  const steps = policies.indexOf(to) - policies.indexOf(policy);
  if (steps <= 0) return null;
  if (steps > 1)
    return `Take DMARC of ${domain} from none to quarantine first, and to reject when no report names a sender of yours.`;
  if (proof === "passing") return null;
  return proof === "failing"
    ? `The last check found SPF or DKIM of ${domain} wrong, and receivers would ${to} your own mail: put those records right, and check again, before DMARC goes to ${to}.`
    : `SPF and DKIM of ${domain} have not been checked yet: check the domain before DMARC goes to ${to}.`;
}

/** What to do about the policy next, in a sentence. */
export function adviseDmarc(standing: DmarcStanding): string {
  const { domain, policy, proof, hasReports } = standing;
  const next = policies[policies.indexOf(policy) + 1];
  if (proof === "failing")
    return policy === "none"
      ? `Stay at none until SPF and DKIM of ${domain} are right on every name server.`
      : `SPF or DKIM of ${domain} is wrong now, so receivers may ${policy} your own mail: put the records right first.`;
  if (next === undefined) return `Receivers refuse forged mail of ${domain}; there is no stricter policy.`;
  if (proof === "unknown") return `Check the domain; ${next} comes next when SPF and DKIM pass.`;
  return hasReports
    ? `SPF and DKIM of ${domain} pass. Go to ${next} when the reports of two weeks name no sender of yours that fails.`
    : `SPF and DKIM of ${domain} pass. Name an address for reports, and go to ${next} when those of two weeks name no sender of yours that fails.`;
}
