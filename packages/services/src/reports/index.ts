export { forgetOldReports } from "./forget-old-reports.ts";
export { type DomainReports, getDomainReports, type ReportSum } from "./get-domain-reports.ts";
export { readComplaints } from "./read-complaints.ts";
export { type OwnDmarc, readOwnDmarc } from "./read-own-dmarc.ts";
export { recordReportFindings } from "./record-report-findings.ts";
export { reportStream } from "./store-reports.ts";
