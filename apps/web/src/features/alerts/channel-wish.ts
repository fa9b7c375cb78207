import { minuteOf } from "./clock-text.ts";

export const topics = ["everything", "deliverability", "fleet"] as const;
export const severities = ["error", "warning", "instruction"] as const;

/** What a channel is told and when not, as it was typed; quiet hours need both ends. */
export function wishOfForm(text: (field: string) => string) {
  const [fromMinute, untilMinute] = [minuteOf(text("quietFrom")), minuteOf(text("quietUntil"))];
  return {
    name: text("name"),
    topic: topics.find((topic) => topic === text("topic")) ?? "everything",
    leastSeverity: severities.find((one) => one === text("least")) ?? "warning",
    quietHours: fromMinute === null || untilMinute === null ? null : { fromMinute, untilMinute },
    breaksThrough: severities.find((one) => one === text("breaks")) ?? null,
  };
}
