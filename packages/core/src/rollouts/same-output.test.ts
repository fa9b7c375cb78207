import { expect, test } from "vitest";
import { sameOutput } from "./same-output.ts";

const same = (one: string, other: string) =>
  sameOutput(one, ["mail1", "mail1.a.example"]) === sameOutput(other, ["mx-22", "mx-22.b.example"]);

test.each([
  ["mail1.a.example does not greet.", "mx-22.b.example does not greet."],
  ["mail1: 12 of 90 messages wait since 09:12.", "mx-22: 7 of 3,400 messages wait since 21:40:03."],
  ["Queue id 4bXk2n1Zqyz9 was put off.", "Queue id 4cYm8p2Wqab1 was put off."],
  ["relay, which stands in for it, is offline.", "mail of Oslo, AS, which stands in for it, is offline."],
  ["It does not answer at 192.0.2.7.", "It does not answer at 198.51.100.23."],
  ["It does not answer at 2001:db8::7.", "It does not answer at 2001:db8:1::23."],
  ["Since 2026-11-20T12:00:00Z it stands still.", "Since 2026-11-21T01:30:09Z it stands still."],
  ["Job 0198c000-0000-7000-8000-000000000001 broke.", "Job 0198c000-0000-7000-8000-000000000002 broke."],
])("what differs by the server alone is the same: %s", (one, other) => {
  expect(same(one, other)).toBe(true);
});

test.each([
  ["Port 25 does not answer.", "Port 993 does not answer."],
  ["dovecot.service stands still.", "rspamd.service stands still."],
  ["libssl3 3.0.17-1 is half installed.", "libssl3 3.0.18-1 is half installed."],
  ["It said: 550 5.7.1 refused.", "It said: 554 5.7.1 refused."],
  ["It exits with status 1.", "It exits with status 100."],
])("what is wrong in another way stays apart: %s", (one, other) => {
  expect(same(one, other)).toBe(false);
});

test("a name is a whole word, so that a short one takes nothing out of others", () => {
  expect(sameOutput("The mailer of mail is out of mail-mail.", ["mail"])).toBe(
    "The mailer of … is out of mail-mail.",
  );
});
