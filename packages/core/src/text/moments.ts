const mark = /\{at:(\d{1,15})\}/g;

/** A moment inside a text, in a form that whoever shows the text draws in the reader's own zone: `{at:1763632800000}`. */
export function momentMark(at: number | Date): string {
  return `{at:${typeof at === "number" ? at : at.getTime()}}`;
}

/** A text in its parts, the moments in it as dates, so that a screen can draw each as it draws every other time. */
export function textParts(text: string): readonly (string | Date)[] {
  return text
    .split(mark)
    .map((part, place) => (place % 2 === 1 ? new Date(Number(part)) : part))
    .filter((part) => part !== "");
}

/** A text with its moments spelled out in UTC, for where no reader's zone is known: a mail, a file, an audit entry. */
export function plainMoments(text: string): string {
  return textParts(text)
    .map((part) => (typeof part === "string" ? part : momentWords(part)))
    .join("");
}

const day = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const minute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** A day as people write it, like 8 December 2026; of a moment, its day in UTC. */
export function dayWords(at: Date): string {
  return day.format(at);
}

/** The time of day of a moment in UTC, within a sentence: 10:05 UTC on 8 December 2026. */
export function clockWords(at: Date): string {
  return `${minute.format(at)} UTC on ${day.format(at)}`;
}

/** A moment as people write it, in UTC: 8 December 2026, 10:05 UTC. */
export function momentWords(at: Date): string {
  return `${day.format(at)}, ${minute.format(at)} UTC`;
}
