export { forgetOldReports } from "./forget-old-reports.ts";
export { type DomainReports, getDomainReports, type ReportSum } from "./get-domain-reports.ts";
export { getSenderReports, type SenderReport } from "./get-sender-reports.ts";
export { getTlsOverview, keepTlsOverviews, type TlsOverview } from "./get-tls-overview.ts";
export { keepReportSenders, listReportSenders, type ReportSender } from "./list-report-senders.ts";
export { readComplaints } from "./read-complaints.ts";
export { type OwnDmarc, readOwnDmarc } from "./read-own-dmarc.ts";
export { recordReportFindings } from "./record-report-findings.ts";
export { reportStream } from "./store-reports.ts";
