import { X509Certificate } from "node:crypto";
import type { issuedCertificates } from "@mailstead/db";
import type { AuditSubject } from "../audit/index.ts";

export type IssuedRow = typeof issuedCertificates.$inferSelect;

/** What a certificate was issued for, as the audit names it, also when that is gone. */
export function subjectOfIssued({ domainId, serverId, serverName, title }: IssuedRow): AuditSubject {
  return domainId === null
    ? { kind: "server", id: serverId, name: serverName }
    : { kind: "domain", id: domainId, name: title };
}

/** Whether two certificates are for one key. */
export function hasSameKey(left: string, right: string): boolean {
  const keyOf = (pem: string) => new X509Certificate(pem).publicKey;
  return keyOf(left).equals(keyOf(right));
}

/** What people see of a certificate that was issued, and of its revocation. */
export function viewOfIssued(row: IssuedRow, { isShown }: { isShown: boolean }) {
  const { id, serial, issuer, issuedAt, notAfter, revokeReason, revokeRequestedAt } = row;
  return {
    id,
    serial,
    issuer,
    issuedAt,
    notAfter,
    revocation:
      revokeReason === null || revokeRequestedAt === null
        ? null
        : {
            reason: revokeReason,
            requestedAt: revokeRequestedAt,
            requestedBy: row.revokeRequestedBy ?? "",
            isAtOnce: row.revokeAtOnce,
            /** For the host to serve another one. */
            isWaiting: !row.revokeAtOnce && isShown,
            revokedAt: row.revokedAt,
            problem: row.revokeProblem,
            nextLookAt: row.nextRevokeAt,
          },
  };
}
