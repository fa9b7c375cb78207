import {
  changeQueue,
  deleteQueued,
  getQueueChange,
  getQueuePage,
  listQueues,
  readQueue,
} from "@mailstead/services/mail-queue";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const mailQueueRouter = router({
  list: queryOf(listQueues),
  read: mutationOf(readQueue),
  page: queryOf(getQueuePage),
  change: mutationOf(changeQueue),
  delete: mutationOf(deleteQueued),
  changed: queryOf(getQueueChange),
});
