export { type AuditPage, listAudit } from "./list-audit.ts";
export { type AuditFact, type AuditSubject, recordAudit, recordAudits } from "./record-audit.ts";
