"use client";
import { providers } from "@mailstead/core/delivery";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { exportHref } from "../../client/export-href.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { IconButton } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { FilterSelect } from "../../components/filter-bar.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CourseChart } from "./course-chart.tsx";
import { measures } from "./course-figures.ts";
import { type CourseFilters, courseSpan, courseViews, readCourseFilters } from "./course-filters.ts";
import { CourseTable } from "./course-table.tsx";
import { DayEvidence, type DayScope } from "./day-evidence.tsx";
import { DayMap, type DayMapProps } from "./day-map.tsx";
import { refreshEveryMs } from "./refresh.ts";
import { type Subject, useReputation } from "./use-sender.ts";

/** How each receiver took the mail of a domain or a server, day by day. */
export function CoursePanel({ subject }: { subject: Subject }) {
  const [params] = useUrlParams();
  const { data: reputation } = useReputation(subject);
  if (reputation === undefined || reputation.cells.length === 0) return null;
  const { kind, ...scope } = subject;
  const addresses =
    kind === "server" && subject.address === undefined
      ? [...new Set(reputation.standings.map(({ address }) => address))].filter(Boolean)
      : [];
  return (
    <Course
      map={reputation}
      scope={scope}
      span={params.get("span") ?? "month"}
      addresses={addresses}
      exportOf={exportOf(subject)}
    />
  );
}

function exportOf(subject: Subject): Readonly<Record<string, string>> {
  if (subject.kind === "domain") return { domain: subject.domainId };
  const { serverId, address } = subject;
  return { server: serverId, ...(address === undefined ? {} : { address }) };
}

export interface CourseProps {
  map: Pick<DayMapProps, "days" | "receivers" | "cells">;
  scope: DayScope;
  span: string;
  /** Addresses of a server, to look at one alone. */
  addresses: readonly string[];
  /** What the export is told of whose days these are. */
  exportOf: Readonly<Record<string, string>>;
}

/** Days at receivers as a map, a chart or a table, whichever the page's address says, with an export of all of them. */
export function Course({ map, scope, span, addresses, exportOf }: CourseProps) {
  const { t } = useWords();
  const [params] = useUrlParams();
  const filters = readCourseFilters(params);
  const { view, measure } = filters;
  const lead =
    view === "map"
      ? t("deliverability.course-lead")
      : view === "chart"
        ? t(`course.measure.lead.${measure}`)
        : t("course.hint-table");
  const query = new URLSearchParams(params);
  query.set("span", courseSpan(span));
  return (
    <Panel
      id="course"
      title={t("deliverability.course")}
      description={lead}
      actions={
        <>
          <Views view={view} />
          <IconButton label={t("course.export")} asChild>
            <a href={exportHref("course", query, exportOf)} download>
              <Download aria-hidden="true" className="size-4" />
            </a>
          </IconButton>
        </>
      }
      isFlush
    >
      {view === "map" ? (
        <DayMap
          {...map}
          evidence={(day, provider) => (
            <DayEvidence key={`${day} ${provider}`} day={day} provider={provider} scope={scope} />
          )}
        />
      ) : (
        <Days filters={filters} {...{ map, scope, span, addresses }} />
      )}
    </Panel>
  );
}

function Views({ view }: Pick<CourseFilters, "view">) {
  const { t } = useWords();
  const [, setParams] = useUrlParams();
  return (
    <fieldset className="no-print flex h-8 overflow-hidden rounded-ui border border-control">
      <legend className="sr-only">{t("course.view")}</legend>
      {courseViews.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={view === one}
          onClick={() => setParams({ view: one === "map" ? null : one })}
          className={classNames(
            "border-line border-r px-2.5 text-table -outline-offset-2 last:border-r-0",
            view === one ? "bg-accent-soft font-medium text-accent" : "text-ink-2 hover:bg-hover",
          )}
        >
          {t(`course.view.${one}`)}
        </button>
      ))}
    </fieldset>
  );
}

function Days({
  filters,
  map,
  scope,
  span,
  addresses,
}: { filters: CourseFilters } & Omit<CourseProps, "exportOf">) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [, setParams] = useUrlParams();
  const { view, measure, isCompared, provider, address } = filters;
  const { data, error } = useQuery(
    trpc.deliverability.course.queryOptions(
      {
        ...scope,
        span: courseSpan(span),
        ...(provider === undefined ? {} : { provider }),
        ...(address === undefined || scope.serverId === undefined ? {} : { address }),
      },
      { placeholderData: keepPreviousData, refetchInterval: refreshEveryMs },
    ),
  );
  return (
    <>
      <div className="no-print flex flex-wrap items-center gap-2 border-line border-b px-4 py-2">
        <FilterSelect
          label={t("deliverability.column.receiver")}
          value={provider ?? ""}
          onChange={(value) => setParams({ provider: value })}
          options={[
            { value: "", label: t("course.all-receivers") },
            ...map.receivers.map(({ provider: one }) =>
              one === null
                ? { value: "other", label: t("deliverability.others") }
                : { value: one, label: providers[one].title },
            ),
          ]}
        />
        {addresses.length < 2 ? null : (
          <FilterSelect
            label={t("course.address")}
            value={address ?? ""}
            onChange={(value) => setParams({ address: value })}
            options={[
              { value: "", label: t("course.all-addresses") },
              ...addresses.map((one) => ({ value: one, label: one })),
            ]}
          />
        )}
        {view === "chart" ? (
          <FilterSelect
            label={t("course.measure")}
            value={measure}
            onChange={(value) => setParams({ measure: value === "delivered" ? null : value })}
            options={measures.map((value) => ({ value, label: t(`course.measure.${value}`) }))}
          />
        ) : null}
        <label className="flex h-8 items-center gap-2 text-table">
          <input
            type="checkbox"
            checked={isCompared}
            onChange={(event) => setParams({ compare: event.target.checked ? "1" : null })}
            className="size-4 accent-(--accent-fill)"
          />
          {t("course.compare")}
        </label>
      </div>
      {data === undefined ? (
        error === null ? (
          <div className="h-72">
            <RowsSkeleton rows={4} />
          </div>
        ) : (
          <div className="p-3">
            <ProblemNote error={error} />
          </div>
        )
      ) : view === "chart" ? (
        <CourseChart course={data} filters={filters} scope={scope} />
      ) : (
        <CourseTable course={data} isCompared={isCompared} />
      )}
    </>
  );
}
