import { isCovered, parseMtaStsPolicy } from "./mta-sts-policy.ts";

export interface RenamedMailHost {
  domain: string;
  /** The name that the host is to have. */
  hostname: string;
  /** The mode that the domain's policy is in by our own settings. */
  mode: "none" | "testing" | "enforce";
  /** The policy as the last check read it in the world; null when none was read. */
  seenText: string | null;
}

/**
 * Says why a mail host of a domain may not get another name now, or null when it may. The policy that is served, its id
 * and the MX record change one after the other, and meanwhile whoever enforces the policy delivers neither to a new name
 * that it does not have nor to the old one that it has no more (RFC 8461 §4.1). In testing all of them deliver.
 */
export function renameUnderPolicyProblem({
  domain,
  hostname,
  mode,
  seenText,
}: RenamedMailHost): string | null {
  if (mode === "enforce")
    return `MTA-STS of ${domain} is enforced, and senders would deliver nothing to ${hostname} before they hear of that name: take it to testing, give the host its name once a check has seen that, and enforce it again.`;
  const seen = seenText === null ? null : parseMtaStsPolicy(seenText);
  if (seen === null || "problem" in seen || seen.policy.mode !== "enforce") return null;
  if (isCovered(hostname, seen.policy.mx)) return null;
  return `Senders still find the MTA-STS policy of ${domain} enforced and without ${hostname}: publish the record of its policy, check the domain, and give the host its name then.`;
}
