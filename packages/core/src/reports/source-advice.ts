import type { ReportSource } from "./report-sources.ts";

/**
 * passes: not known here, and yet its mail proves the domain. service: a known service that does not. own-name: it
 * proves a name of its own and not the domain. let-in: it proves nothing, and receivers took more than a quarter of it,
 * which is more than their own exceptions make. forged: it proves nothing, and they put it aside or refused it. ours: one of our own fails. fine: nothing to do.
 */
export type SourceAdvice = "passes" | "service" | "own-name" | "let-in" | "forged" | "ours" | "fine";

// A list or a forwarder passes on a letter or two that one of our keys has signed.
const provenMin = 5;

/** What a source of mail in a domain's name asks of the domain's owner. */
export function adviseOnSource({
  origin,
  messages,
  passed,
  quarantined,
  rejected,
  provenDomains,
}: Pick<
  ReportSource,
  "origin" | "messages" | "passed" | "quarantined" | "rejected" | "provenDomains"
>): SourceAdvice {
  const failed = messages - passed;
  if (origin.kind === "ours") return failed > 0 && origin.via !== "passed-on" ? "ours" : "fine";
  if (origin.kind === "service") return failed > 0 ? "service" : "fine";
  if (passed >= provenMin && passed * 2 > messages) return "passes";
  if (provenDomains.length > 0) return "own-name";
  return (failed - quarantined - rejected) * 4 > failed ? "let-in" : "forged";
}
