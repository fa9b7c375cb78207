"use client";
import { type ProviderId, providers } from "@mailstead/core/delivery";
import { queueNames } from "@mailstead/core/mail-queue";
import { FilterBar, FilterSelect, SearchBox } from "../../components/filter-bar.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { reasonWords } from "../trace/story-words.ts";
import { type QueueAge, type QueueFilters, queueAges } from "./queue-filters.ts";
import type { QueuePage } from "./use-queue-reading.ts";

/** Narrows a queue; what can be chosen is what there is. */
export function QueueFilterBar({
  page,
  filters,
  onChange,
}: {
  page: Pick<QueuePage, "domains" | "providers" | "categories" | "matching" | "total"> | null;
  filters: QueueFilters;
  onChange: (filters: QueueFilters) => void;
}) {
  const { t } = useWords();
  const set = (name: keyof QueueFilters) => (value: string) => onChange({ ...filters, [name]: value });
  const counted = (counts: readonly { name: string; count: number }[], chosen: string) => {
    const isThere = chosen === "" || counts.some(({ name }) => name === chosen);
    return isThere ? counts : [...counts, { name: chosen, count: 0 }];
  };
  return (
    <FilterBar>
      <SearchBox label={t("queue.filter.sender")} value={filters.sender} onChange={set("sender")} />
      <SearchBox label={t("queue.filter.recipient")} value={filters.recipient} onChange={set("recipient")} />
      <FilterSelect
        label={t("queue.filter.domain")}
        value={filters.domain}
        onChange={set("domain")}
        options={[
          { value: "", label: t("queue.filter.every-domain") },
          ...counted(page?.domains ?? [], filters.domain).map(({ name, count }) => ({
            value: name,
            label: `${name} (${count})`,
          })),
        ]}
      />
      <FilterSelect
        label={t("queue.filter.queue")}
        value={filters.queue}
        onChange={set("queue")}
        options={[
          { value: "", label: t("queue.filter.every-queue") },
          ...queueNames.map((name) => ({ value: name, label: t(`queue.name.${name}`) })),
        ]}
      />
      <FilterSelect
        label={t("queue.filter.receiver")}
        value={filters.provider}
        onChange={set("provider")}
        options={[
          { value: "", label: t("queue.filter.every-receiver") },
          ...counted(page?.providers ?? [], filters.provider).map(({ name, count }) => ({
            value: name,
            label: `${providerTitle(name)} (${count})`,
          })),
        ]}
      />
      <FilterSelect
        label={t("queue.filter.reason")}
        value={filters.category}
        onChange={set("category")}
        options={[
          { value: "", label: t("queue.filter.every-reason") },
          ...counted(page?.categories ?? [], filters.category).map(({ name, count }) => ({
            value: name,
            label: `${reasonWords(t, name)?.title ?? t("reply.unclassified")} (${count})`,
          })),
        ]}
      />
      <FilterSelect
        label={t("queue.filter.age")}
        value={filters.age}
        onChange={set("age")}
        options={[
          { value: "", label: t("queue.filter.every-age") },
          ...(Object.keys(queueAges) as QueueAge[]).map((age) => ({
            value: age,
            label: t(`queue.filter.${age}`),
          })),
        ]}
      />
      {page === null ? null : (
        <span className="figures ml-auto whitespace-nowrap px-2 text-ink-3 text-meta" role="status">
          {page.matching === page.total
            ? t("queue.count", { count: page.total })
            : t("queue.count-of", { matching: page.matching, total: page.total })}
        </span>
      )}
    </FilterBar>
  );
}

function providerTitle(name: string): string {
  return Object.hasOwn(providers, name) ? providers[name as ProviderId].title : name;
}
