import { knownList } from "@mailstead/core/block-lists";
import { rulesOf } from "@mailstead/core/checks";
import type { ReputationEvidence } from "@mailstead/core/reputation";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { requirementText } from "../feeds/requirement-text.ts";
import { bandText } from "../feeds/share-text.ts";

const sources = ["feedback-loop", "google-postmaster", "snds", "yahoo"] as const;

/** A list as people call it; one that this version does not know, by the name that it was told of. */
function listTitle(name: string): string {
  const list = knownList(name);
  return list === null ? name : rulesOf(list).title;
}

/** One reason of a verdict, as a sentence with its numbers. */
export function EvidenceSentence({ evidence }: { evidence: ReputationEvidence }) {
  const { t, format } = useWords();
  const { code, share, about, at, senders } = evidence;
  const count = share?.count ?? 0;
  const values = { count, of: share?.of ?? 0 };
  switch (code) {
    case "listed":
      return t("deliverability.evidence.listed", { about: listTitle(about ?? "") });
    case "like-fleet":
      return t("deliverability.evidence.like-fleet", { senders: senders ?? 0 });
    case "filter-red":
    case "filter-yellow":
      return t(`deliverability.evidence.${code}`);
    case "rules-unmet":
      return t("deliverability.evidence.rules-unmet", { about: requirementText(about ?? "") });
    case "complaints-high":
    case "complaints-raised":
    case "complaints-few": {
      const source = sources.find((known) => known === about);
      return (
        <>
          {code !== "complaints-few" && share?.of === 0
            ? t(`deliverability.evidence.${code}-told`, { share: bandText(share, format) })
            : t(`deliverability.evidence.${code}`, values)}{" "}
          {source === undefined ? null : t(`deliverability.evidence.source.${source}`)}
        </>
      );
    }
    case "throttled":
    case "throttled-before":
    case "blocked":
    case "blocked-before":
      return (
        <>
          {code === "throttled" || code === "throttled-before"
            ? t(`deliverability.evidence.${code}`, { count })
            : t(`deliverability.evidence.${code}`, values)}{" "}
          {at === null ? null : (
            <span className="text-ink-3">
              {t("deliverability.evidence.last")} <Ago at={new Date(at)} />.
            </span>
          )}
        </>
      );
    default:
      return t(`deliverability.evidence.${code}`, values);
  }
}
