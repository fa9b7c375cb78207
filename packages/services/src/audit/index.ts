export { type AuditPage, listAudit } from "./list-audit.ts";
export { type AuditFact, type AuditSubject, recordAudit } from "./record-audit.ts";
