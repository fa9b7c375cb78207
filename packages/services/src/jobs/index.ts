export { advanceJobs } from "./advance-job.ts";
export { cancelJob } from "./cancel-job.ts";
export {
  confidentialKeptForMs,
  forgetConfidentialJobs,
  type OwnAnswer,
  readOwnAnswers,
} from "./confidential-jobs.ts";
export { enqueueJob, type WantedJob } from "./enqueue-job.ts";
export { enqueueJobs } from "./enqueue-jobs.ts";
export { type ExpiredJob, expireJobs } from "./expire-jobs.ts";
export { findDeliveriesOfServers, findLostDeliveries } from "./find-deliveries.ts";
export { findJournalsToAskFor, type HeldServer } from "./find-journals-to-ask-for.ts";
export { findUnheardCancels } from "./find-unheard-cancels.ts";
export { findVisibleJobs } from "./find-visible-jobs.ts";
export { forgetOldJobs } from "./forget-old-jobs.ts";
export { getJob, type JobDetail } from "./get-job.ts";
export { type JobSigner, makeJobSigner } from "./job-signer.ts";
export { type JobPage, listJobs } from "./list-jobs.ts";
export { loseContact } from "./lose-contact.ts";
export { isOpen, lockServers } from "./open-job.ts";
export { type JobEventPage, readJobEvents } from "./read-job-events.ts";
export { recordAccepted, recordAllAccepted, recordRefused } from "./record-answer.ts";
export { type RecordedEnd, recordAllEnded, recordEnded } from "./record-ended.ts";
export { type JournalEntry, recordJournal, recordJournals, type SettledJournal } from "./record-journal.ts";
export { recordProgress, type StoredProgress } from "./record-progress.ts";
export { type AddressedDelivery, type RelayedWork, relayOutbox } from "./relay-outbox.ts";
export { repairOutbox } from "./repair-outbox.ts";
export { retryJob } from "./retry-job.ts";
export { returnLostDeliveries } from "./return-lost-deliveries.ts";
export { type TakenJob, takeJobForDelivery, takeJobsForDelivery } from "./take-job-for-delivery.ts";
export { unfoundedOrder } from "./unfounded-order.ts";
