export {
  type ArrivedFeedback,
  type ArrivedMail,
  type ArrivedReport,
  readArrivedMail,
} from "./read-arrived-mail.ts";
export { type FileReading, type FileReport, readReportFile } from "./read-report-file.ts";
