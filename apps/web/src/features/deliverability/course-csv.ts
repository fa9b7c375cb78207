import { getCourse } from "@mailstead/services/reputation";
import { z } from "zod";
import { listCsv } from "../../server/csv.ts";
import { courseSpan, readCourseFilters } from "./course-filters.ts";

const id = z.uuid().optional().catch(undefined);

/** Reads whose days an export is asked for; a page of the fleet names a customer at most. */
function scopeOf(params: URLSearchParams) {
  return {
    serverId: id.parse(params.get("server") ?? undefined),
    domainId: id.parse(params.get("domain") ?? undefined),
    tenantId: id.parse(params.get("customer") ?? undefined),
  };
}

/** The days of a chart, one line for each receiver and day, and the time before where it is compared. */
export const courseCsv = listCsv({
  pages: (ctx, params) => async () => {
    const { provider, address, isCompared } = readCourseFilters(params);
    const scope = scopeOf(params);
    const course = await getCourse(ctx, {
      ...scope,
      span: courseSpan(params.get("span") ?? "month"),
      ...(provider === undefined ? {} : { provider }),
      ...(address === undefined || scope.serverId === undefined ? {} : { address }),
    });
    const own = new Set(course.days);
    const cells = course.cells
      .filter(({ day }) => isCompared || own.has(day))
      .map((cell) => ({
        ...cell,
        id: `${cell.day} ${cell.provider}`,
        time: own.has(cell.day) ? "now" : "before",
      }));
    return { cells, nextCursor: null };
  },
  rowsPerPage: 1,
  rows: ({ cells }) => cells,
  columns: {
    day_utc: ({ day }) => day,
    time: ({ time }) => time,
    receiver: ({ provider }) => provider ?? "other",
    messages: ({ messages }) => messages,
    delivered: ({ delivered }) => delivered,
    put_off: ({ deferred }) => deferred,
    refused: ({ refused }) => refused,
    slowed: ({ slowed }) => slowed,
    blocked: ({ blocked }) => blocked,
    senders: ({ senders }) => senders,
    senders_held_back: ({ heldSenders }) => heldSenders,
  },
});
