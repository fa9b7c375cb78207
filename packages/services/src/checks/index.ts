export { checkDueServers, type ServerCheckRun } from "./check-due-servers.ts";
export {
  checkServer,
  findingsOfServers,
  getServerCheck,
  type OutsideView,
  outsideViewOf,
  recordServerCheck,
  type ServerCheck,
  type ServerCheckReport,
} from "./check-server.ts";
export { changeDigestWish, type DigestWish, getDigestWish } from "./digest-wish.ts";
export { type FindingSubject, findingSubject } from "./finding-subject.ts";
export { hasHostView } from "./has-host-view.ts";
export { hasReachedPort25 } from "./has-reached-port-25.ts";
export { inspectForeignMx } from "./inspect-foreign-mx.ts";
export type { Looking } from "./inspect-host.ts";
export { type FindingChange, listFindingChanges } from "./list-finding-changes.ts";
export { listOpenErrors, type OpenError } from "./list-open-errors.ts";
export { makeDigests } from "./make-digests.ts";
export { probeMailPort } from "./probe-mail-port.ts";
export { readHostTrust } from "./read-host-trust.ts";
export { readOpenSubjects } from "./read-open-subjects.ts";
export { type CheckedSubject, recordFindings } from "./record-findings.ts";
export { recordHostConditions } from "./record-host-conditions.ts";
export { recordSmarthostFindings } from "./record-smarthost-findings.ts";
export {
  forgetOldMails,
  type OutgoingMail,
  type SendOutcome,
  type SendRun,
  sendWaitingMails,
} from "./send-waiting-mails.ts";
