import { expect, test } from "vitest";
import { wayBackOf } from "./no-way-back.ts";

test.each([
  ["redis-server", "5:7.0.15-1~deb12u4", "5:7.0.15-1~deb12u10"],
  ["dovecot-core", "1:2.3.19.1+dfsg1-2.1+deb12u6", "1:2.3.19.1+dfsg1-2.1+deb12u7"],
  ["mariadb-server", "1:10.11.6-0+deb12u1", "1:10.11.14-0+deb12u2"],
  ["libc6", "2.36-9+deb12u9", "2.36-9+deb12u13"],
  ["clamav-daemon", "1.0.9+dfsg-1~deb12u1", "1.4.6+dfsg-0+deb12u1"],
  ["postgresql-15", "15.13-0+deb12u1", "15.14-0+deb12u1"],
  ["postfix", "3.7.11-0+deb12u1", "3.7.12-0+deb12u1"],
])("the way back of %s from %s to %s is kept", (name, from, to) => {
  expect(wayBackOf({ name, from, to })).toEqual({ kind: "kept" });
});

test.each([
  ["redis-server", "5:7.0.15-1~deb12u10", "5:8.0.2-3+deb13u3"],
  ["dovecot-imapd", "1:2.3.19.1+dfsg1-2.1+deb12u7", "1:2.4.1+dfsg1-6+deb13u7"],
  ["mariadb-server", "1:10.11.14-0+deb12u2", "1:11.8.3-0+deb13u1"],
  ["mysql-server-8.0", "8.0.40-1", "8.0.41-1"],
  ["shim-signed", "1.47+15.8-1", "1.48+16.1-2~deb13u1"],
  ["libc6", "2.36-9+deb12u13", "2.41-12"],
  ["slapd", "2.5.13+dfsg-5", "2.6.10+dfsg-1"],
])("%s from %s to %s has no way back, and a sentence says why", (name, from, to) => {
  expect(wayBackOf({ name, from, to })).toEqual({
    kind: "none",
    reason: expect.stringMatching(/^[A-Z].*\.$/),
  });
});

test("a package that is new, or goes, or stays as it is migrates nothing", () => {
  for (const [from, to] of [
    [null, "8.0.2-3"],
    ["7.0.15-1", null],
    ["7.0.15-1", "7.0.15-1"],
  ] as const)
    expect(wayBackOf({ name: "redis-server", from, to })).toEqual({ kind: "kept" });
});
