import { listJobs } from "@mailstead/services/jobs";
import { wordsFor } from "../../messages/locale.ts";
import { listCsv } from "../../server/csv.ts";
import { readJobFilters } from "./job-filter.ts";
import { jobName } from "./job-name.ts";

const { t } = wordsFor("en");

export const jobsCsv = listCsv({
  pages: (ctx, params) => (at) =>
    listJobs(ctx, { ...readJobFilters(params, params.get("server") ?? undefined), ...at }),
  rowsPerPage: 200,
  rows: (page) => page.jobs,
  columns: {
    job: (row) => jobName(t, row),
    state: (row) => row.state,
    server: (row) => row.serverName,
    asked_by: (row) => row.requestedBy,
    asked: (row) => row.createdAt,
    started: (row) => row.startedAt,
    ended: (row) => row.endedAt,
    problem: (row) => (row.outcome?.kind === "failed" ? row.outcome.problem : null),
    id: (row) => row.id,
  },
});
