import { expect, test } from "vitest";
import { restartableService } from "./service-name.ts";

test.each([
  ["postfix@-.service", "postfix"],
  ["redis-rspamd.service", "redis"],
  ["clamav-daemon.service", "clamav"],
  ["clamav-freshclam.service", null],
  ["mailstead-bans.service", null],
  ["cron.service", null],
])("the button beside %s restarts %s", (unit, restarted) => {
  expect(restartableService(unit)).toEqual(restarted);
});
