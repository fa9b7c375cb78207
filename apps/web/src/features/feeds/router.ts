import {
  confirmFeedAccess,
  connectFeed,
  disconnectFeed,
  getDomainTold,
  getServerTold,
  listFeeds,
  readFeedNow,
  renewFeed,
  uploadYahooFile,
} from "@mailstead/services/feeds";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const feedsRouter = router({
  list: queryOf(listFeeds),
  connect: mutationOf(connectFeed),
  renew: mutationOf(renewFeed),
  readNow: mutationOf(readFeedNow),
  confirmAccess: mutationOf(confirmFeedAccess),
  disconnect: mutationOf(disconnectFeed),
  upload: mutationOf(uploadYahooFile),
  domain: queryOf(getDomainTold),
  server: queryOf(getServerTold),
});
