export { addDomain } from "./add-domain.ts";
export { checkDomain, type DomainCheck, recordDomainCheck } from "./check-domain.ts";
export { checkWaitingDomains } from "./check-waiting-domains.ts";
export type { DomainCheckReport, DomainRecord } from "./domain-report.ts";
export { type DomainDetail, getDomain } from "./get-domain.ts";
export { type DomainHealth, type DomainPage, listDomains } from "./list-domains.ts";
export { removeDomain } from "./remove-domain.ts";
