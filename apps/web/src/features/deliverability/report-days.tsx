"use client";
import { DayChart } from "../../components/day-chart.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { DomainReports } from "./reports-section.tsx";

const fewMax = 10;

/** How much of what receivers reported of each day proves the domain, by the day that their reports end on. */
export function ReportDays({ days: reported }: { days: DomainReports["dmarc"]["days"] }) {
  const { t, format } = useWords();
  const days = reported.map(({ day, total, passed }) => ({
    day,
    value: total === 0 ? null : passed / total,
    before: null,
    volume: total,
    isFew: total > 0 && total < fewMax,
  }));
  // One day is no course.
  if (days.length < 2) return null;
  return (
    <section className="border-line border-y" aria-label={t("reports.days")}>
      <h3 className="px-4 pt-3 font-medium text-ink-3 text-meta">{t("reports.days")}</h3>
      <DayChart
        label={t("reports.days")}
        days={days}
        top={1}
        formatValue={format.part}
        volumeLabel={t("reports.days-top")}
        sentence={(index) => {
          const day = days[index];
          return day === undefined || day.value === null
            ? t("reports.days-none")
            : t("reports.days-sentence", { value: format.part(day.value), messages: day.volume });
        }}
        hint={t("reports.days-hint")}
      />
    </section>
  );
}
