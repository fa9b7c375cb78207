"use client";
import type { DnssecStatus, ZoneVerdict } from "@mailstead/core/dns";
import { type Level, LevelIcon, LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CheckFindingItem } from "./check-finding-item.tsx";

const dnssecLevels: Record<DnssecStatus["kind"], Level> = {
  secure: "good",
  // Most zones are not signed, and mail does not need it.
  none: "unknown",
  unknown: "unknown",
  bogus: "trouble",
};

/** What the outside world sees of a domain's zones: their name servers, their signatures, and what is in mail's way. */
export function ZoneFindings({ zones }: { zones: readonly ZoneVerdict[] }) {
  const { t } = useWords();
  return zones.map(({ zone, dnssec, findings }) => (
    <Panel
      key={zone}
      title={t("check.zone", { zone })}
      actions={
        <span className="flex items-center gap-2 text-table" title={dnssec.sentence}>
          <span className="text-ink-3">{t("check.dnssec")}</span>
          <LevelWord level={dnssecLevels[dnssec.kind]}>{t(`check.dnssec.${dnssec.kind}`)}</LevelWord>
        </span>
      }
      isFlush
    >
      {findings.length === 0 ? (
        <p className="flex items-center gap-2 px-4 py-3 text-ink-2 text-table">
          <LevelIcon level="good" className="size-4" />
          {t("check.zone-right")}
        </p>
      ) : null}
      {findings.map((finding) => (
        <CheckFindingItem key={`${finding.kind} ${finding.sentence}`} finding={finding} />
      ))}
    </Panel>
  ));
}
