import { mtaStsPolicy } from "../../dns/index.ts";
import { type MtaStsSettings, mtaStsModeSchema } from "../../servers/index.ts";

/** The policy of a domain as its host serves it, with the id that its TXT record must show (RFC 8461 §3.1). */
export function servedMtaStsPolicy(
  hostname: string,
  { mode, maxAgeSeconds, mxHosts }: MtaStsSettings,
): { text: string; id: string } {
  return mtaStsPolicy({ mode, maxAgeSeconds, mxHosts: mxHosts.length > 0 ? mxHosts : [hostname] });
}

/** The modes in the order in which a domain takes them up. */
export const mtaStsModes = mtaStsModeSchema.options;

export interface MtaStsStep {
  domain: string;
  from: MtaStsSettings["mode"];
  to: MtaStsSettings["mode"];
  /** Whether every server of the domain serves documents. */
  isServed: boolean;
  /** MX hosts that show no certificate which the world trusts, each with what is known of it, in words. */
  untrustedHosts: readonly { hostname: string; why: string }[];
}

/**
 * Says why a domain may not take this step, or null when it may. A mode is left and taken up one step at a time: in
 * testing, senders report what enforcement would hold back (RFC 8461 §5), and whoever leaves enforcement says so to the
 * senders that remember it (§8.3). Nothing is enforced while
 * a host of the domain would be refused by whoever enforces it.
 */
export function mtaStsStepProblem({ domain, from, to, isServed, untrustedHosts }: MtaStsStep): string | null {
  if (to !== "none" && !isServed)
    return `No sender could read an MTA-STS policy of ${domain}: switch on the web service in the settings of its server first.`;
  const distance = Math.abs(mtaStsModes.indexOf(to) - mtaStsModes.indexOf(from));
  const [untrusted] = untrustedHosts;
  if (distance <= 1)
    return to === "enforce" && from !== "enforce" && untrusted !== undefined
      ? `Senders that enforce MTA-STS of ${domain} would deliver nothing to ${untrusted.hostname}: ${untrusted.why}.`
      : null;
  return from === "none"
    ? `Take MTA-STS of ${domain} to testing first, and to enforce when no sender reports a failure.`
    : `Take MTA-STS of ${domain} from enforce to testing first: senders that remember the policy hold mail back until they hear of it.`;
}
