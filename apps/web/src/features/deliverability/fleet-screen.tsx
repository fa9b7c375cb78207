"use client";
import { useUrlParams } from "../../client/use-url-params.ts";
import { FilterSelect } from "../../components/filter-bar.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { FleetCoursePanel } from "./fleet-course-panel.tsx";
import { readFleetFilters } from "./fleet-filters.ts";
import { FleetReceiversPanel } from "./fleet-receivers-panel.tsx";
import { fleetSpans } from "./spans.ts";
import { StandingsList } from "./standings-list.tsx";

/** How do Gmail, Outlook, Yahoo and the others receive us, since when, and why? Each section asks for itself. */
export function FleetScreen() {
  const { t } = useWords();
  const [params, setParams] = useUrlParams();
  const { span, tenantId } = readFleetFilters(params);
  return (
    <>
      <PageHeader
        title={t("deliverability.title")}
        description={t("deliverability.fleet-lead")}
        actions={
          <>
            <CustomerFilter value={tenantId ?? ""} onChange={(customer) => setParams({ customer })} />
            <FilterSelect
              label={t("deliverability.span")}
              value={span}
              onChange={(value) => setParams({ span: value === "month" ? null : value })}
              options={fleetSpans.map((value) => ({ value, label: t(`deliverability.span.${value}`) }))}
            />
          </>
        }
      />
      <div className="grid gap-4">
        <FleetReceiversPanel />
        <FleetCoursePanel />
        <StandingsList />
      </div>
    </>
  );
}
