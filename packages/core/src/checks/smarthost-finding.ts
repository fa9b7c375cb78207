import { cutText, momentMark } from "../text/index.ts";
import type { SeenFinding } from "./finding-changes.ts";

/** How the keys of findings about smarthosts begin that were saved and are not in effect. */
export const smarthostFindingPrefix = "smarthost-";

/** Smarthosts that their server tried and could not use, as somebody saved them. */
export interface UnusedSmarthosts {
  readonly serverName: string;
  readonly concerns: "senders" | "receivers";
  /** What kept them out, in the words of the test. */
  readonly problem: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
}

const problemMax = 500;

/** Tells whoever saved smarthosts and went away that mail does not go there. */
export function smarthostFinding(unused: UnusedSmarthosts): SeenFinding {
  const { serverName, concerns, problem, requestedBy, requestedAt } = unused;
  return {
    key: `${smarthostFindingPrefix}not-used ${concerns}`,
    severity: "warning",
    sentence: `What was saved as smarthosts of ${serverName} for its ${concerns} is not in effect: the server's test of them did not succeed.`,
    told: {
      evidence: [cutText(problem, problemMax), `saved by ${requestedBy} ${momentMark(requestedAt)}`],
    },
  };
}
