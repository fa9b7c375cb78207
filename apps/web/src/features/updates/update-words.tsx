"use client";
import type { ChangeUrgency, OutdatedUnit, RebootReason } from "@mailstead/core/updates";
import Link from "next/link";
import { LevelWord } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { cveHref } from "./update-filters.ts";

/** Whether an update is for security, and how urgent its makers call it. */
export function UpdateKind({ isSecurity, urgency }: { isSecurity: boolean; urgency: ChangeUrgency | null }) {
  const { t } = useWords();
  return (
    <span className="grid leading-tight">
      {isSecurity ? (
        <LevelWord level="attention">{t("updates.security")}</LevelWord>
      ) : (
        <span className="text-ink-2">{t("updates.other")}</span>
      )}
      {urgency === null ? null : (
        <span className="text-ink-3 text-meta">{t("updates.urgency", { urgency })}</span>
      )}
    </span>
  );
}

const shownMax = 2;

/** The first CVEs of some, and how many more there are. */
export function CveList({ cves }: { cves: readonly string[] }) {
  const { t } = useWords();
  if (cves.length === 0) return <span className="text-ink-3">{t("updates.no-cves")}</span>;
  const more = cves.length - shownMax;
  return (
    <span className="grid leading-tight">
      {cves.slice(-shownMax).map((cve) => (
        <span key={cve} className="whitespace-nowrap font-mono text-meta">
          {cve}
        </span>
      ))}
      {more > 0 ? (
        <span className="text-ink-3 text-meta">{t("updates.cves-more", { count: more })}</span>
      ) : null}
    </span>
  );
}

/** CVEs, each with the way to the servers that are open to it. */
export function CveLinks({ cves }: { cves: readonly string[] }) {
  const { t } = useWords();
  if (cves.length === 0) return <>{t("updates.no-cves")}</>;
  return (
    <ul className="flex max-h-40 flex-wrap gap-x-4 gap-y-1 overflow-y-auto font-mono text-meta">
      {cves.map((cve) => (
        <li key={cve}>
          <Link href={cveHref(cve)} className="text-accent hover:underline">
            {cve}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Why a server is to be restarted, each reason in a line. */
export function RestartReasons({ reasons }: { reasons: readonly RebootReason[] }) {
  const { t } = useWords();
  return (
    <span className="grid leading-tight">
      {reasons.map((reason) => (
        <span key={reason.kind} className="[overflow-wrap:anywhere]">
          {reason.kind === "kernel"
            ? t("restart.kernel", { newest: reason.newest, running: reason.running })
            : reason.packages.length === 0
              ? t("restart.asked")
              : t("restart.asked-by", { names: reason.packages.join(", ") })}
        </span>
      ))}
    </span>
  );
}

/** The units that still run what was replaced, by name. */
export function UnitNames({ units }: { units: readonly OutdatedUnit[] }) {
  return (
    <span className="font-mono text-meta [overflow-wrap:anywhere]">
      {units.map(({ unit }) => unit.replace(/\.service$/, "")).join(", ")}
    </span>
  );
}
