"use client";
import type { DayFigures } from "@mailstead/core/reputation";
import type { RouterOutputs } from "../../client/router-types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { sumOfDays } from "./course-figures.ts";

type Row = DayFigures & { readonly day: string; readonly before: DayFigures };

/** The days of a chart in numbers, the newest first. */
export function CourseTable({
  course,
  isCompared,
}: {
  course: RouterOutputs["deliverability"]["course"];
  isCompared: boolean;
}) {
  const { t, format } = useWords();
  const rows = course.days
    .map(
      (day, index): Row => ({
        day,
        ...sumOfDays(course, [day]),
        before: sumOfDays(course, [course.daysBefore[index] ?? ""]),
      }),
    )
    .toReversed();
  const shown = ["messages", "delivered", "deferred", "refused", "slowed", "blocked"] as const;
  const share = ({ delivered, messages }: DayFigures) =>
    messages === 0 ? "–" : format.part(Math.min(1, delivered / messages));
  const columns: readonly Column<Row>[] = [
    {
      id: "day",
      header: t("course.column.day"),
      cell: (row) => <span className="figures whitespace-nowrap">{format.utcDay(row.day)}</span>,
    },
    ...shown.map(
      (name): Column<Row> => ({
        id: name,
        header: t(`deliverability.column.${name}`),
        align: "right",
        ...(name === "messages" || name === "delivered" ? {} : { from: name === "refused" ? "sm" : "md" }),
        cell: (row) => <span className="figures">{format.number(row[name])}</span>,
      }),
    ),
    {
      id: "share",
      header: t("course.column.share"),
      align: "right",
      cell: (row) => <span className="figures">{share(row)}</span>,
    },
    ...(isCompared
      ? [
          {
            id: "before",
            header: t("course.column.before"),
            align: "right",
            cell: (row: Row) => <span className="figures text-ink-2">{share(row.before)}</span>,
          } as const,
        ]
      : []),
  ];
  return (
    <DataTable
      label={t("deliverability.course")}
      columns={columns}
      rows={rows}
      rowId={(row) => row.day}
      rowName={(row) => row.day}
    />
  );
}
