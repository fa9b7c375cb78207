import { listZones } from "@mailstead/services/zones";
import { listCsv } from "../../server/csv.ts";
import { searchZones } from "./search-zones.ts";

export const zonesCsv = listCsv({
  pages: (ctx, params) => async () => ({
    zones: searchZones(await listZones(ctx), params.get("q") ?? ""),
    nextCursor: null,
  }),
  rowsPerPage: 0,
  rows: (page) => page.zones,
  columns: {
    zone: (row) => row.name,
    standing: (row) => row.standing,
    customer: (row) => row.tenantName,
    primary: (row) => row.primary,
    secondary: (row) => row.secondary,
    records: (row) => row.recordCount,
    checked: (row) => row.checkedAt,
  },
});
