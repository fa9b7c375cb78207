import { expect, test } from "vitest";
import { wishOfForm } from "./channel-wish.ts";

const typed = (fields: Record<string, string>) => wishOfForm((field) => fields[field] ?? "");

test("what was typed becomes what the channel is told, and nothing breaks through where nothing was chosen", () => {
  expect(
    typed({
      name: "Night",
      topic: "fleet",
      least: "error",
      quietFrom: "22:00",
      quietUntil: "06:30",
      breaks: "",
    }),
  ).toEqual({
    name: "Night",
    topic: "fleet",
    leastSeverity: "error",
    quietHours: { fromMinute: 1320, untilMinute: 390 },
    breaksThrough: null,
  });
});

test("quiet hours with one end are none", () => {
  expect(typed({ quietFrom: "22:00" }).quietHours).toBeNull();
});
