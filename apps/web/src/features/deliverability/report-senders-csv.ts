import { knownServices } from "@mailstead/core/reports";
import { listReportSenders } from "@mailstead/services/reports";
import { listCsv } from "../../server/csv.ts";
import { readSenderFilters } from "./sender-filters.ts";

/** Who sent mail in the name of our domains, as its page lists them. */
export const reportSendersCsv = listCsv({
  pages: (ctx, params) => (at) => listReportSenders(ctx, { ...readSenderFilters(params), ...at }),
  rowsPerPage: 500,
  rows: (page) => page.rows,
  columns: {
    network: (row) => row.network,
    whose: ({ origin }) =>
      origin.kind === "service"
        ? knownServices[origin.service].title
        : origin.kind === "ours"
          ? `ours: ${origin.name ?? "passed on"}`
          : "unknown",
    advice: (row) => row.advice,
    addresses: (row) => row.addresses.join(" "),
    seen_as: (row) => row.seenDomains.join(" "),
    in_the_name_of: (row) => row.domains.map(({ name }) => name).join(" "),
    messages: (row) => row.messages,
    fail_dmarc: (row) => row.messages - row.passed,
    refused: (row) => row.rejected,
    put_aside: (row) => row.quarantined,
    let_in: (row) => row.letIn,
    first_seen: (row) => row.firstAt,
    last_seen: (row) => row.lastAt,
  },
});
