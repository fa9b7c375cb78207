import type { CheckFinding } from "../dns/index.ts";
import { type CertificateFacts, type CertificateFindingKind, judgeCertificate } from "./certificate-facts.ts";

export type WebNameFindingKind = CertificateFindingKind | "web-name-closed";

/** A name under which the host serves files over HTTPS, as a stranger meets it. */
export interface WebNameFacts {
  name: string;
  met: { kind: "open"; certificate: CertificateFacts } | { kind: "closed"; problem: string };
}

/** Judges whether the web names of a domain are served, under certificates that hold for them and last. */
export function judgeWebNames(names: readonly WebNameFacts[], now: Date): CheckFinding<WebNameFindingKind>[] {
  return names.flatMap(({ name, met }): CheckFinding<WebNameFindingKind>[] =>
    met.kind === "open"
      ? judgeCertificate(met.certificate, { name, shownAt: `https://${name}`, now })
      : [
          {
            kind: "web-name-closed",
            about: name,
            severity: "warning",
            sentence: `Nothing is served at https://${name}, although the name leads to the server.`,
            evidence: [`https://${name}: ${met.problem}`],
            why: "Mail programs that look for their settings there wait, and then ask people for what they cannot know.",
            fix: "Look on the server's page whether nginx runs and port 443 is open, or take the name out of the DNS.",
          },
        ],
  );
}
