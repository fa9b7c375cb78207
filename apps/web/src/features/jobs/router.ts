import { cancelJob, getJob, listJobs, readJobEvents, retryJob } from "@mailstead/services/jobs";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const jobsRouter = router({
  list: queryOf(listJobs),
  get: queryOf(getJob),
  events: queryOf(readJobEvents),
  cancel: mutationOf(cancelJob),
  retry: mutationOf(retryJob),
});
