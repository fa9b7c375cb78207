import { isNamedBy } from "./certificate-facts.ts";
import type { HostCheckFacts } from "./host-facts.ts";

/** Whether strangers trust what a mail host shows them on port 25; `why` is a part of a sentence. */
export type HostTrust =
  | { kind: "trusted" }
  | { kind: "untrusted"; why: string }
  | { kind: "unknown"; why: string };

export interface HostTrustFacts {
  hostname: string;
  /** How it was last seen from outside; null when nobody looked. */
  seen: HostCheckFacts | null;
  /** The certificate for its own name that an authority issued and the host has installed; null without one. */
  issued: { names: readonly string[]; notBefore: Date; notAfter: Date } | null;
}

/** Goes by what was seen from outside, and by the certificate that was installed since or where nobody could look. */
export function judgeHostTrust({ hostname, seen, issued }: HostTrustFacts, now: Date): HostTrust {
  const hasIssued =
    issued !== null &&
    issued.notBefore <= now &&
    issued.notAfter > now &&
    issued.names.some((name) => isNamedBy(hostname, name));
  const isSeen = seen !== null && seen.hostname === hostname;
  const problem = isSeen ? shownProblem(seen, now) : null;
  const isNewer = hasIssued && (!isSeen || issued.notBefore > seen.checkedAt);
  if (isNewer || (problem === null && hasIssued)) return { kind: "trusted" };
  if (problem !== null)
    return problem === "right" ? { kind: "trusted" } : { kind: "untrusted", why: problem };
  return {
    kind: "unknown",
    why: "it has no certificate of an authority, as far as Mailstead knows; get one on the page of the server",
  };
}

/** What is wrong with what stood on port 25; null when nobody reached it. */
function shownProblem({ hostname, addresses }: HostCheckFacts, now: Date): string | "right" | null {
  const open = addresses.flatMap(({ ports }) =>
    ports.flatMap((port) => (port.port === 25 && port.kind === "open" ? [port] : [])),
  );
  for (const { certificate } of open) {
    if (certificate === null) return "it offers no TLS on port 25";
    if (!certificate.names.some((name) => isNamedBy(hostname, name)))
      return `its certificate is not for ${hostname}; get one on the page of the server`;
    if (certificate.expiresAt <= now) return "its certificate has expired";
    if (certificate.untrusted !== null)
      return `nobody outside trusts its certificate (${certificate.untrusted}); get one of a public authority on the page of the server`;
  }
  return open.length === 0 ? null : "right";
}
