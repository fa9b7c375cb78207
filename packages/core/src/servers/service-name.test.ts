import { expect, test } from "vitest";
import { serviceName } from "./service-name.ts";

test.each([
  ["postfix@-.service", "Postfix"],
  ["redis-rspamd.service", "Redis"],
  ["clamav-freshclam.service", "ClamAV updates"],
  ["mailstead-bans.service", "Address bans"],
  ["clamav", "ClamAV"],
  ["cron.service", "cron"],
])("%s is called %s", (unit, name) => {
  expect(serviceName(unit)).toBe(name);
});
