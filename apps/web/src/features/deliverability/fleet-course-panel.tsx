"use client";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Course } from "./course-panel.tsx";
import { readFleetFilters } from "./fleet-filters.ts";
import { useFleet } from "./use-fleet.ts";

/** How each receiver took the mail of the whole fleet, day by day. */
export function FleetCoursePanel() {
  const [params] = useUrlParams();
  const { span, tenantId, provider } = readFleetFilters(params);
  const { data: fleet } = useFleet();
  if (fleet === undefined || fleet.cells.length === 0) return null;
  const receivers =
    provider === undefined
      ? fleet.receivers
      : fleet.receivers.filter((one) => (one.provider ?? "other") === provider);
  return (
    <Course
      map={{ days: fleet.days, receivers, cells: fleet.cells }}
      scope={tenantId === undefined ? {} : { tenantId }}
      span={span}
      addresses={[]}
      exportOf={{}}
    />
  );
}
