import type { SeenFinding } from "../checks/index.ts";
import type { FindingDetails, FindingOwner } from "../findings/index.ts";
import { checkedKinds } from "./checked-kinds.ts";
import { type KeptKind, keptKinds } from "./kept-kinds.ts";
import { kindOf } from "./kind-of.ts";
import { runbookOf } from "./runbook-of.ts";

/**
 * All that a finding carries beside its sentence: what its look told, and where that told less, what is true of its kind.
 * So a finding that was kept by an earlier version has a whole page too.
 */
export function detailsOf(finding: Omit<SeenFinding, "severity">): FindingDetails {
  const { key, sentence, details, told } = finding;
  if (details !== undefined) return details;
  const kept: KeptKind | undefined = (keptKinds as Readonly<Record<string, KeptKind>>)[kindOf(key)];
  return {
    category: null,
    provider: null,
    owner: told?.owner ?? kept?.owner ?? ownerOf(key),
    why: told?.why ?? kept?.why ?? "It was found at the last look.",
    evidence: evidenceOf(finding, kept),
    fix: {
      steps: told?.fix === undefined ? [...(kept?.steps ?? [sentence])] : stepsOf(told.fix),
      measure: null,
      ...(told?.record === undefined ? {} : { record: told.record }),
    },
    runbook: runbookOf(key),
    reply: null,
    figures: null,
    fleet: null,
  };
}

const notKept =
  "what was seen was not kept with this finding by the version that opened it; the next look tells it";

/** Never the sentence once more: that would only look like evidence. */
function evidenceOf(
  { sentence, told }: Pick<SeenFinding, "sentence" | "told">,
  kept: KeptKind | undefined,
): string[] {
  const seen = (told?.evidence ?? []).filter((line) => line !== sentence);
  return seen.length > 0 ? seen : [...(kept?.evidence ?? [notKept])];
}

function ownerOf(key: string): FindingOwner {
  return (checkedKinds as Readonly<Record<string, FindingOwner>>)[kindOf(key)] ?? "us-configuration";
}

/** A fix is told in sentences, and each is a thing to do. */
function stepsOf(fix: string): string[] {
  return fix.split(/(?<=[.!?])\s+(?=[A-Z“])/);
}
