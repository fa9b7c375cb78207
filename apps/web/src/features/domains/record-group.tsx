"use client";
import type { RecordLevel } from "@mailstead/core/dns";
import { CopyButton } from "../../components/copy-button.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { RecordCard } from "./record-card.tsx";
import { isForPeople, isOpen, type RecordWithVerdict, worstLevel } from "./record-standing.ts";

const places = ["domain-dns", "host-dns", "delegated-dns", "address-provider"] as const;

export type ShownRecord = RecordWithVerdict & { zoneFileLine: string };

export interface RecordGroupProps {
  domainName: string;
  level: RecordLevel;
  /** Those of this level, in the order of the plan. */
  records: readonly ShownRecord[];
  /** When the last check was, if that is too long ago to say how things are now. */
  outdatedSince: Date | null;
}

/** The records of one level, by who publishes them. Optional ones are folded, because mail works without them. */
export function RecordGroup({ domainName, level, records, outdatedSince }: RecordGroupProps) {
  const { t } = useWords();
  if (records.length === 0) return null;
  const open = records.filter(isOpen).length;
  const standing =
    open === 0 || outdatedSince !== null ? null : (
      <span className="font-medium text-table">
        <LevelWord level={worstLevel(records)}>{t("domain.group.open", { count: open })}</LevelWord>
      </span>
    );
  const cards = places.map((place) => {
    const here = records.filter((record) => record.publishedAt === place);
    return here.length === 0 ? null : (
      <section key={place} className="border-line border-b last:border-b-0">
        <h3 className="bg-sunken px-4 py-1.5 font-medium text-ink-2 text-meta">
          {place === "domain-dns" ? t("domain.at.domain-dns", { name: domainName }) : t(`domain.at.${place}`)}
        </h3>
        {here.map((record) => (
          <RecordCard key={record.zoneFileLine} record={record} outdatedSince={outdatedSince} />
        ))}
      </section>
    );
  });
  if (level === "optional")
    return (
      <section className="min-w-0 rounded-ui border border-line bg-surface">
        <Disclosure
          summary={
            <span className="font-semibold text-body">
              {t("domain.group.optional", { count: records.length })}
            </span>
          }
          note={standing}
        >
          <p className="border-line border-b px-4 py-2 text-ink-3 text-table">
            {t("domain.group.lead.optional")}
          </p>
          {cards}
        </Disclosure>
      </section>
    );
  return (
    <Panel
      title={t(`domain.group.${level}`)}
      description={t(`domain.group.lead.${level}`)}
      actions={
        <>
          {standing}
          <CopyButton
            text={records
              .filter(isForPeople)
              .map(({ zoneFileLine }) => `${zoneFileLine}\n`)
              .join("")}
            what={t(`domain.group.these.${level}`)}
            look="secondary"
            hasWord
          />
        </>
      }
      isFlush
    >
      {cards}
    </Panel>
  );
}
