export { addDomain } from "./add-domain.ts";
export { addDomainServer } from "./add-domain-server.ts";
export { addDomainWithoutMail } from "./add-domain-without-mail.ts";
export { changeDomainServer } from "./change-domain-server.ts";
export { changeMailSettings } from "./change-mail-settings.ts";
export { changeMtaSts } from "./change-mta-sts.ts";
export { checkDomain, type DomainCheck, recordDomainCheck } from "./check-domain.ts";
export { type CheckRun, checkDueDomains } from "./check-due-domains.ts";
export type { DomainHealth } from "./domain-health.ts";
export {
  type DomainCheckReport,
  type DomainRecord,
  type DomainRecords,
  joinVerdicts,
  planDomainRecords,
  readLastCheck,
} from "./domain-report.ts";
export { type DomainServer, readDomainServers, readServersOfDomains } from "./domain-servers.ts";
export { type DomainDetail, getDomain } from "./get-domain.ts";
export { type DomainMailSettings, getMailSettings } from "./get-mail-settings.ts";
export { type DomainMtaSts, getMtaSts } from "./get-mta-sts.ts";
export { type DomainFinding, listDomainFindings } from "./list-domain-findings.ts";
export { type DomainPage, listDomains } from "./list-domains.ts";
export { readMailWishes } from "./mail-wishes.ts";
export {
  previewServerRemoval,
  previewStopMail,
  type RecordDifference,
  type ServerRemovalPreview,
  type StopPreview,
} from "./preview-records.ts";
export { removeDomain } from "./remove-domain.ts";
export { keepDomainServer, removeDomainServer } from "./remove-domain-server.ts";
export { renameServer } from "./rename-server.ts";
export { startDomainMail } from "./start-domain-mail.ts";
export { stopDomainMail } from "./stop-domain-mail.ts";
export { typedDomainName } from "./typed-domain-name.ts";
