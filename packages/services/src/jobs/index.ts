export { enqueueJob, type WantedJob } from "./enqueue-job.ts";
