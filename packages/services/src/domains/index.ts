export { addDomain } from "./add-domain.ts";
export { addDomainServer } from "./add-domain-server.ts";
export { changeDomainServer } from "./change-domain-server.ts";
export { changeMtaSts } from "./change-mta-sts.ts";
export { checkDomain, type DomainCheck, recordDomainCheck } from "./check-domain.ts";
export { type CheckRun, checkDueDomains } from "./check-due-domains.ts";
export type { DomainHealth } from "./domain-health.ts";
export {
  type DomainCheckReport,
  type DomainRecord,
  joinVerdicts,
  planDomainRecords,
  readLastCheck,
} from "./domain-report.ts";
export { type DomainDetail, getDomain } from "./get-domain.ts";
export { type DomainMtaSts, getMtaSts } from "./get-mta-sts.ts";
export { type DomainFinding, listDomainFindings } from "./list-domain-findings.ts";
export { type DomainPage, listDomains } from "./list-domains.ts";
export { removeDomain } from "./remove-domain.ts";
export { keepDomainServer, removeDomainServer } from "./remove-domain-server.ts";
export { typedDomainName } from "./typed-domain-name.ts";
