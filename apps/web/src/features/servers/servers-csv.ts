import type { ServerRow } from "./server-columns.tsx";

/** Offers the rows as a CSV file. */
export function downloadServersCsv(rows: readonly ServerRow[]): void {
  const header = ["name", "hostname", "customer", "state", "system", "agent", "queue", "last_seen"];
  const lines = rows.map((row) => [
    row.name,
    row.hostname,
    row.tenantName,
    row.status,
    row.osName ?? "",
    row.agentVersion ?? "",
    row.queueSizeMessages ?? "",
    row.lastSeenAt?.toISOString() ?? "",
  ]);
  const text = [header, ...lines]
    .map((cells) => cells.map((cell) => csvCell(String(cell))).join(","))
    .join("\r\n");
  const url = URL.createObjectURL(new Blob([`${text}\r\n`], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "servers.csv";
  link.click();
  URL.revokeObjectURL(url);
}

/** One cell by RFC 4180; a text that a spreadsheet would take for a formula is led by an apostrophe. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
