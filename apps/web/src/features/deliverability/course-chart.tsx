"use client";
import type { RouterOutputs } from "../../client/router-types.ts";
import { type ChartDay, DayChart } from "../../components/day-chart.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { chartDays, countOf, type Measure, measureOf, scaleTop, sumOfDays } from "./course-figures.ts";
import type { CourseFilters } from "./course-filters.ts";
import { DayEvidence, type DayScope } from "./day-evidence.tsx";
import type { useReceiverName } from "./use-receiver-name.ts";

type Course = RouterOutputs["deliverability"]["course"];
type Provider = Parameters<ReturnType<typeof useReceiverName>>[0];

/** A measure of each day as a line, with the time before it where somebody wants to compare. */
export function CourseChart({
  course,
  filters: { measure, isCompared, provider },
  scope,
}: {
  course: Course;
  filters: CourseFilters;
  scope: DayScope;
}) {
  const { t, format } = useWords();
  const days = chartDays(course, { measure, isCompared });
  const valueText = useValueText(measure);
  const sentence = (index: number) => {
    const day = days[index];
    if (day === undefined) return "";
    const figures = sumOfDays(course, [day.day]);
    const own = t("course.sentence", {
      value: day.value === null ? t("course.sentence.none") : valueText(day.value),
      count: countOf(figures, measure),
      messages: figures.messages,
    });
    const before = course.daysBefore[index];
    if (!isCompared || before === undefined) return own;
    const value = day.before === null ? t("course.sentence.none") : valueText(day.before);
    return `${own}. ${t("course.day.compared", { day: format.utcDay(before), value })}.`;
  };
  return (
    <>
      <Sums course={course} measure={measure} isCompared={isCompared} />
      <DayChart
        label={t("deliverability.course")}
        days={days}
        top={scaleTop(days, measure)}
        formatValue={valueText}
        volumeLabel={t("deliverability.column.messages")}
        sentence={sentence}
        hint={t("course.hint")}
        more={(index) => <DayProviders course={course} day={days[index]} provider={provider} scope={scope} />}
      />
    </>
  );
}

/** What a day is made of needs one receiver: the one that was chosen, or the only one that has mail of that day. */
function DayProviders({
  course,
  day,
  provider,
  scope,
}: {
  course: Course;
  day: ChartDay | undefined;
  provider: CourseFilters["provider"];
  scope: DayScope;
}) {
  if (day === undefined || day.volume === 0) return null;
  const own = course.cells.filter((cell) => cell.day === day.day);
  const only: Provider | undefined =
    provider === undefined
      ? own.length === 1
        ? own[0]?.provider
        : undefined
      : provider === "other"
        ? null
        : provider;
  return only === undefined ? null : (
    <DayEvidence key={`${only} ${day.day}`} day={day.day} provider={only} scope={scope} />
  );
}

function useValueText(measure: Measure): (value: number) => string {
  const { format } = useWords();
  return measure === "messages" ? (value) => format.number(Math.round(value)) : format.part;
}

function Sums({ course, measure, isCompared }: { course: Course; measure: Measure; isCompared: boolean }) {
  const { t, format } = useWords();
  const valueText = useValueText(measure);
  const now = sumOfDays(course, course.days);
  const before = sumOfDays(course, course.daysBefore);
  const text = (figures: typeof now) => {
    const value = measureOf(figures, measure);
    if (value === null || (measure === "messages" && value === 0)) return t("course.none-before");
    const of = t("deliverability.day.messages", { count: figures.messages });
    return measure === "messages" ? of : t("course.sum", { value: valueText(value), messages: of });
  };
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 px-4 pt-3 text-table">
      <div className="flex items-center gap-2">
        <Sample className="border-accent" />
        <dt className="text-ink-3">{t("course.now")}</dt>
        <dd className="figures font-medium">{text(now)}</dd>
      </div>
      {isCompared ? (
        <div className="flex items-center gap-2">
          <Sample className="border-ink-3 border-dashed" />
          <dt className="text-ink-3">{t("course.before", { count: course.days.length })}</dt>
          <dd className="figures">
            {text(before)} <Difference from={measureOf(before, measure)} to={measureOf(now, measure)} />
          </dd>
        </div>
      ) : null}
    </dl>
  );

  function Difference({ from, to }: { from: number | null; to: number | null }) {
    if (from === null || to === null || measure === "messages") return null;
    const points = Math.round((to - from) * 1000) / 10;
    return (
      <span className="text-ink-3">
        ({t("course.points", { points: `${points > 0 ? "+" : ""}${format.number(points)}` })})
      </span>
    );
  }
}

function Sample({ className }: { className: string }) {
  return <span aria-hidden="true" className={`w-5 border-t-2 ${className}`} />;
}
