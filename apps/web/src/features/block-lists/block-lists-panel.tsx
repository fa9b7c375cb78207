"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ListX } from "lucide-react";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { AwaitedPanel } from "../../components/awaited-panel.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Folded } from "../../components/folded.tsx";
import { type Level, LevelSentence, LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ListEntryDetails } from "./list-entry-details.tsx";

export type BlockLists = RouterOutputs["blockLists"]["ofServer"];
export type Entry = BlockLists["entries"][number];

// A round comes once or twice an hour.
const refreshEveryMs = 5 * 60_000;

/** What block lists say of a server, or of one of its addresses: what is listed first, then what could not be asked, then the clean. */
export function BlockListsPanel({ serverId, address }: { serverId: string; address?: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.blockLists.ofServer.queryOptions(
      { serverId },
      { placeholderData: keepPreviousData, refetchInterval: refreshEveryMs },
    ),
  );
  const lists = query.data;
  if (lists === undefined)
    return <AwaitedPanel id="block-lists" title={t("block-lists.title")} query={query} />;
  const isMeant = ({ subject }: { subject: string }) => address === undefined || subject === address;
  const { roundAt } = lists;
  const entries = lists.entries.filter(isMeant);
  const clean = entries.filter((entry) => levelOf(entry) === "good");
  const others = entries.filter((entry) => levelOf(entry) !== "good");
  return (
    <Panel
      id="block-lists"
      title={t("block-lists.title")}
      description={t("block-lists.lead")}
      actions={
        roundAt === null ? null : (
          <span className="text-ink-3 text-meta">
            {t("block-lists.asked")} <Ago at={roundAt} />
          </span>
        )
      }
      isFlush
    >
      {roundAt === null ? (
        <EmptyState icon={ListX} title={t("block-lists.empty-title")}>
          {t("block-lists.empty")}
        </EmptyState>
      ) : (
        <>
          {lists.isWithoutSpamhaus ? <WithoutSpamhaus /> : null}
          {others.length === 0 ? null : <Entries entries={others} label={t("block-lists.title")} />}
          {clean.length === 0 ? null : (
            <div className="border-line border-t">
              <Disclosure
                summary={
                  <LevelWord level="good">{t("block-lists.clean", { count: clean.length })}</LevelWord>
                }
              >
                <Entries entries={clean} label={t("block-lists.state.clear")} />
              </Disclosure>
            </div>
          )}
          <History changes={lists.changes.filter(isMeant)} />
        </>
      )}
    </Panel>
  );
}

function Entries({ entries, label }: { entries: readonly Entry[]; label: string }) {
  const columns = useColumns();
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={entries}
      rowId={(row) => `${row.list} ${row.subject}`}
      rowName={(row) => `${row.title} ${row.subject}`}
      details={(row) => <ListEntryDetails entry={row} />}
    />
  );
}

/** That the lists which most receivers go by are left out, with the way to where that is changed. */
export function WithoutSpamhaus() {
  const { t } = useWords();
  return (
    <p className="border-line border-b px-4 py-3 text-ink-2 text-table">
      <LevelSentence level="attention">
        {t("block-lists.without-spamhaus")}{" "}
        <Link href="/settings#spamhaus" className="underline">
          {t("block-lists.to-settings")}
        </Link>
      </LevelSentence>
    </p>
  );
}

function History({ changes }: Pick<BlockLists, "changes">) {
  const { t } = useWords();
  if (changes.length === 0) return null;
  return (
    <div className="px-4 py-3">
      <Folded label={t("block-lists.history")}>
        <ul className="grid gap-1 pt-2 text-table">
          {changes.map(({ id, title, subject, change, codes, at }) => (
            <li key={id} className="flex flex-wrap gap-x-2">
              <span className="text-ink-3">
                <Ago at={at} />
              </span>
              <span className="font-mono [overflow-wrap:anywhere]">{subject}</span>
              <span>{t(`block-lists.change.${change}`, { list: title })}</span>
              {change === "listed" ? <span className="font-mono text-ink-3">{codes.join(", ")}</span> : null}
            </li>
          ))}
        </ul>
      </Folded>
    </div>
  );
}

/** A listing hurts as much as receivers go by the list, and less once no list has confirmed it for long. */
export function levelOf({
  state,
  weight,
  problem,
  age,
}: Pick<Entry, "state" | "weight" | "problem" | "age">): Level {
  if (state === "listed") {
    if (weight === "info" || age === "forgotten") return "unknown";
    return weight === "medium" || age === "old" ? "attention" : "trouble";
  }
  return state === "unknown" || problem !== null ? "unknown" : "good";
}

/** Of a listing that nobody has confirmed for long, when that was last done. */
export function LastConfirmed({ entry }: { entry: Pick<Entry, "state" | "age" | "seenAt" | "since"> }) {
  const { t } = useWords();
  if (entry.state !== "listed" || entry.age === "confirmed") return null;
  return (
    <span className="text-ink-3 text-meta">
      {t("block-lists.last-confirmed")} <Ago at={entry.seenAt ?? entry.since} />
    </span>
  );
}

function useColumns(): readonly Column<Entry>[] {
  const { t } = useWords();
  return [
    {
      id: "list",
      header: t("block-lists.column.list"),
      cell: (row) => <span className="font-medium">{row.title}</span>,
    },
    {
      id: "subject",
      header: t("block-lists.column.subject"),
      cell: (row) => <span className="font-mono [overflow-wrap:anywhere]">{row.subject}</span>,
    },
    {
      id: "state",
      header: t("block-lists.column.state"),
      cell: (row) => {
        const shown = row.state === "clear" && row.problem !== null ? "unknown" : row.state;
        return (
          <span className="grid justify-items-start gap-0.5">
            <LevelWord level={levelOf(row)}>{t(`block-lists.state.${shown}`)}</LevelWord>
            <LastConfirmed entry={row} />
          </span>
        );
      },
    },
    {
      id: "since",
      header: t("block-lists.column.since"),
      from: "md",
      cell: (row) => (
        <span className="text-ink-2">
          <Ago at={row.since} />
        </span>
      ),
    },
    {
      id: "weight",
      header: t("block-lists.column.weight"),
      from: "lg",
      cell: (row) => <span className="text-ink-2">{t(`block-lists.weight.${row.weight}`)}</span>,
    },
  ];
}
