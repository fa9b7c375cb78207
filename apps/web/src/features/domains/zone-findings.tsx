"use client";
import type { CheckFinding, DnssecStatus, ZoneVerdict } from "@mailstead/core/dns";
import Link from "next/link";
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

interface CheckedHost {
  id: string;
  hostname: string;
  findings: readonly CheckFinding[];
}

/** What the outside world sees of a domain's zones and of its servers, with what is in mail's way. */
export function ZoneFindings({
  zones,
  hosts,
}: {
  zones: readonly ZoneVerdict[];
  hosts: readonly CheckedHost[];
}) {
  return (
    <>
      <Zones zones={zones} />
      {hosts
        .filter(({ findings }) => findings.length > 0)
        .map((host) => (
          <Host key={host.id} host={host} />
        ))}
    </>
  );
}

function Host({ host: { id, hostname, findings } }: { host: CheckedHost }) {
  const { t } = useWords();
  return (
    <Panel
      title={t("check.host", { hostname })}
      actions={
        <Link href={`/servers/${id}`} className="text-accent text-table hover:underline">
          {t("home.show-server")}
        </Link>
      }
      isFlush
    >
      {findings.map((finding) => (
        <CheckFindingItem key={`${finding.kind} ${finding.about}`} finding={finding} />
      ))}
    </Panel>
  );
}

function Zones({ zones }: { zones: readonly ZoneVerdict[] }) {
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
        <CheckFindingItem key={`${finding.kind} ${finding.about}`} finding={finding} />
      ))}
    </Panel>
  ));
}
