import { describe, expect, it, test } from "vitest";
import { openSyslogReader, parseSyslogLine, postfixProgram } from "./log-record.ts";
import { readMessageStep } from "./message-step.ts";

const hourMs = 3_600_000;
const stamped = (stamp: string) => `${stamp} mail postfix/qmgr[12]: 4A1B2C3D4E: removed`;
const timeOf = (stamp: string, now: string, fromHostTime?: (asIfUtc: number) => number) => {
  const clock = { now: Date.parse(now), ...(fromHostTime === undefined ? {} : { fromHostTime }) };
  const at = openSyslogReader(clock)(stamped(stamp))?.at;
  return at === undefined ? null : new Date(at).toISOString().replace(".000Z", "Z");
};

describe("a stamp", () => {
  it.each([
    ["2026-11-20T10:00:00.123456+01:00", "2026-11-20T09:00:00.123Z"],
    ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"],
    ["Nov  2 01:02:03", "2026-11-02T01:02:03Z"],
    ["Nov 20 10:00:00", "2026-11-20T10:00:00Z"],
  ])("%s is read in either format", (stamp, at) => {
    expect(timeOf(stamp, "2026-11-29T00:00:00Z")).toBe(at);
  });

  it.each([
    [
      "of the old year that is read in the new one",
      "Dec 31 23:59:59",
      "2027-01-01T00:00:05Z",
      "2026-12-31T23:59:59Z",
    ],
    ["of the new year", "Jan  1 00:00:01", "2027-01-01T00:00:05Z", "2027-01-01T00:00:01Z"],
    [
      "of the new year, read after the clock went back",
      "Jan  1 00:00:01",
      "2026-12-31T23:10:00Z",
      "2027-01-01T00:00:01Z",
    ],
    ["of last year's spring", "Mar 10 08:00:00", "2027-01-05T00:00:00Z", "2026-03-10T08:00:00Z"],
    ["of a leap day", "Feb 29 12:00:00", "2028-03-01T00:00:00Z", "2028-02-29T12:00:00Z"],
  ])("without a year is %s", (_, stamp, now, at) => {
    expect(timeOf(stamp, now)).toBe(at);
  });

  it("without a zone is the host's own time, also where there is new year already", () => {
    const behindBy = (hours: number) => (asIfUtc: number) => asIfUtc - hours * hourMs;
    expect(timeOf("Nov 20 10:00:00", "2026-11-20T08:00:30Z", behindBy(2))).toBe("2026-11-20T08:00:00Z");
    expect(timeOf("Jan  1 00:30:00", "2026-12-31T23:30:30Z", behindBy(1))).toBe("2026-12-31T23:30:00Z");
    expect(timeOf("Dec 31 23:30:00", "2027-01-01T04:30:30Z", behindBy(-5))).toBe("2027-01-01T04:30:00Z");
    expect(timeOf("2026-11-20T10:00:00+00:00", "2026-11-20T10:00:30Z", behindBy(2))).toBe(
      "2026-11-20T10:00:00Z",
    );
  });

  it("that is none makes no line", () => {
    for (const stamp of [
      "",
      "Nvo 20 10:00:00",
      "2026-99-99T10:00:00Z",
      "<22>Nov 20 10:00:00",
      "\u0000\u0001",
    ])
      expect(parseSyslogLine(stamped(stamp), 0)).toBeNull();
  });
});

test("a line is taken apart into program, pid and message", () => {
  const read = openSyslogReader({ now: Date.parse("2026-11-20T12:00:00Z") });
  const at = Date.parse("2026-11-20T10:00:00Z");
  const of = (text: string) => read(`Nov 20 10:00:00 mail ${text}`);
  expect(of("postfix/submission/smtpd[10]: connect from a[::1]")).toEqual({
    at,
    program: "postfix/submission/smtpd",
    pid: 10,
    message: "connect from a[::1]",
  });
  expect(of("dovecot: lmtp(a)<1><b>: saved")).toEqual({
    at,
    program: "dovecot",
    pid: null,
    message: "lmtp(a)<1><b>: saved",
  });
  expect(of("kernel:text")).toEqual({ at, program: "kernel", pid: null, message: "text" });
  for (const text of ["", "no tag here", "two words[1]: text", ": text"]) expect(of(text)).toBeNull();
});

test("instances of Postfix and its services are told apart", () => {
  expect(postfixProgram("postfix/smtpd")).toEqual({ instance: "postfix", daemon: "smtpd" });
  expect(postfixProgram("postfix/submission/smtpd")).toEqual({ instance: "postfix", daemon: "smtpd" });
  expect(postfixProgram("postfix-in/smtpd")).toEqual({ instance: "postfix-in", daemon: "smtpd" });
  for (const program of ["postfix", "postfixed/smtpd", "dovecot", ""])
    expect(postfixProgram(program)).toBeNull();
});

test("lines of any length and any content are read within the time of a test", () => {
  const long = 64 * 1024;
  const hard = [
    `postfix/${"a/".repeat(long / 2)}`,
    `${"/".repeat(long)}`,
    `postfix/smtp[1]: 4A1B2C3D4E: to=<${"a".repeat(long)}`,
    `postfix/smtp[1]: 4A1B2C3D4E: to=<a@b>, relay=none, delay=1, status=deferred (${" (in reply to ".repeat(long / 14)}`,
    `postfix/smtpd[1]: 4A1B2C3D4E: client=a[192.0.2.1], ${"sasl_username=<".repeat(long / 15)}`,
    `postfix/smtpd[1]: 4A1B2C3D4E: reject: ${"RCPT from a[1]: 550 5.1.1 ".repeat(long / 26)}`,
    `postfix/qmgr[1]: 4A1B2C3D4E: from=<${">, size=1, nrcpt=".repeat(long / 17)}`,
    `postfix/cleanup[1]: 4A1B2C3D4E: message-id=${"<".repeat(long)}`,
    `postfix/smtp[1]: Trusted TLS connection established to a[1]: ${"with cipher ".repeat(long / 12)}`,
    `postfix/smtp[1]: ${"\u0000\uFFFD\u0007".repeat(long / 3)}`,
  ];
  // Backtracking without bound would take hours, and the test with it.
  for (const text of hard) {
    const record = parseSyslogLine(`Nov 20 10:00:00 mail ${text}`, Date.parse("2026-11-20T12:00:00Z"));
    expect(record === null ? null : readMessageStep(record)).toBeDefined();
  }
});
