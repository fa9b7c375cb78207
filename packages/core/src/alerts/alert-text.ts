import { z } from "zod";

const eventSchema = z.object({
  what: z.enum(["opened", "worse", "closed"]),
  /** The finding, by the same id when it opens and when it closes; null where it was told before ids were kept. */
  findingId: z.uuid().nullable(),
  key: z.string(),
  severity: z.enum(["error", "warning", "instruction"]),
  sentence: z.string(),
  /** The server, the domain or the zone by its name; empty for the whole organisation. */
  subject: z.string(),
  tenantName: z.string().nullable(),
  url: z.url(),
  /** The page that says step by step what to do. */
  runbookUrl: z.url().exactOptional(),
});
export type AlertEvent = z.infer<typeof eventSchema>;

/** What a webhook gets, and what a mail is written from. */
export const alertSchema = z.object({
  /** `test` says that somebody pressed the button, and nothing happened. */
  type: z.enum(["findings.changed", "test"]),
  organisation: z.string(),
  at: z.iso.datetime(),
  events: z.array(eventSchema),
  /** How many changes there are; `events` may hold fewer. */
  total: z.int(),
});
export type Alert = z.infer<typeof alertSchema>;

/** More than a person reads or an endpoint wants at once; the page has them all. */
export const eventsMax = 100;

const words = { error: "Error", warning: "Warning", instruction: "Advice" } as const;
const titles = { opened: "New:", worse: "Worse than it was:", closed: "Settled:" } as const;

/** The mail of an alert, in plain text. One event is its own subject line, several are counted. */
export function writeAlertMail(
  alert: Alert,
  { homeUrl }: { homeUrl: string },
): { subject: string; body: string } {
  const { events, total, type } = alert;
  if (type === "test")
    return {
      subject: "Test alert of Mailstead",
      body: `Somebody at ${alert.organisation} pressed "Send a test". Alerts reach you here.\n`,
    };
  const [only] = events;
  const subject =
    total === 1 && only !== undefined
      ? `${only.what === "closed" ? "Settled" : words[only.severity]}: ${only.sentence}`
      : (["opened", "worse", "closed"] as const)
          .map((what) => [what, events.filter((event) => event.what === what).length] as const)
          .filter(([, count]) => count > 0)
          .map(
            ([what, count]) =>
              `${count} ${what === "opened" ? "new" : what === "worse" ? "worse" : "settled"}`,
          )
          .join(", ")
          .replace(/^/, "Findings: ");
  const sections = (["opened", "worse", "closed"] as const).flatMap((what) => {
    const own = events.filter((event) => event.what === what);
    return own.length === 0 ? [] : [titles[what], "", ...own.flatMap(linesOf), ""];
  });
  const rest = total - events.length;
  return {
    subject: subject.slice(0, 200),
    body: [
      ...sections,
      ...(rest > 0 ? [`And ${rest} more.`, ""] : []),
      `What is open now: ${homeUrl}`,
      "",
    ].join("\n"),
  };
}

function linesOf({ what, severity, sentence, subject, tenantName, url, runbookUrl }: AlertEvent): string[] {
  const about = [subject, ...(tenantName === null ? [] : [`(${tenantName})`])]
    .filter((one) => one !== "")
    .join(" ");
  return [
    `- ${what === "closed" ? "" : `${words[severity]}: `}${sentence}${about === "" ? "" : ` [${about}]`}`,
    ...(what === "closed"
      ? []
      : [`  ${url}`, ...(runbookUrl === undefined ? [] : [`  What to do: ${runbookUrl}`])]),
  ];
}
