export const exportedLists = [
  "servers",
  "domains",
  "mailboxes",
  "aliases",
  "jobs",
  "rollout-servers",
  "customers",
  "audit",
  "zones",
  "standings",
  "course",
  "senders",
  "updates",
  "package-servers",
  "restarts",
  "server-packages",
  "cves",
  "server-cves",
  "open-servers",
] as const;
export type ExportedList = (typeof exportedLists)[number];

/** Where all rows of a list are to be had as CSV that match what the address of its page asks for. */
export function exportHref(
  list: ExportedList,
  params: URLSearchParams,
  fixed: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(params);
  query.delete("add");
  for (const [name, value] of Object.entries(fixed)) query.set(name, value);
  const text = query.toString();
  return `/api/export/${list}${text === "" ? "" : `?${text}`}`;
}
