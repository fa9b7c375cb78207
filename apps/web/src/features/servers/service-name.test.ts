import { expect, test } from "vitest";
import { restartableService, serviceName } from "./service-name.ts";

test.each([
  ["postfix@-.service", "Postfix", "postfix"],
  ["redis-rspamd.service", "Redis", "redis"],
  ["clamav-daemon.service", "ClamAV", "clamav"],
  ["clamav-freshclam.service", "ClamAV updates", null],
  ["mailstead-bans.service", "Refused addresses", null],
  ["cron.service", "cron", null],
])("%s is called %s, and its button restarts %s", (unit, name, restarted) => {
  expect([serviceName(unit), restartableService(unit)]).toEqual([name, restarted]);
});

test("the service of a restart has the name of its unit", () => {
  expect(serviceName("clamav")).toBe("ClamAV");
});
