import { expect, test } from "vitest";
import { isMoving, standingOf } from "./certificate-standing.ts";

const issued = {
  concern: null,
  notAfter: new Date(),
  isInstalled: true,
  isChangingKey: false,
  isRevoked: false,
};

test.each([
  [issued, "good", "certificates.level.good"],
  [{ ...issued, isChangingKey: true }, "good", "certificates.level.changing-key"],
  [{ ...issued, isChangingKey: true, isRevoked: true }, "trouble", "certificates.level.revoked"],
  [{ ...issued, isInstalled: false }, "unknown", "certificates.level.installing"],
  [{ ...issued, notAfter: null, isInstalled: false }, "unknown", "certificates.level.asked"],
  [
    { ...issued, concern: { code: "expires-soon", level: "attention", daysLeft: 13 } as const },
    "attention",
    "certificates.concern.expires-soon",
  ],
  [
    {
      ...issued,
      notAfter: null,
      concern: { code: "order-failing", level: "attention", daysLeft: null } as const,
    },
    "attention",
    "certificates.concern.order-failing",
  ],
])("says first what needs somebody, else how far a certificate has come", (view, level, word) => {
  expect(standingOf(view)).toMatchObject({ level, word });
});

test("looks again soon only while something is to happen by itself", () => {
  const at = new Date();
  const permanent = { sentence: "x", kind: "permanent", at, attempts: 1 } as const;
  const still = { isRequested: false, isInstalled: true, problem: null, issued: [] };
  expect(isMoving(still)).toBe(false);
  expect(isMoving({ ...still, problem: permanent })).toBe(false);
  expect(isMoving({ ...still, isRequested: true })).toBe(true);
  const isMovingWith = (revocation: { revokedAt: Date | null; problem: string | null }) =>
    isMoving({ ...still, issued: [{ revocation }] });
  expect(isMovingWith({ revokedAt: null, problem: null })).toBe(true);
  expect(isMovingWith({ revokedAt: null, problem: "The CA asks us to wait." })).toBe(false);
  expect(isMovingWith({ revokedAt: at, problem: null })).toBe(false);
});
