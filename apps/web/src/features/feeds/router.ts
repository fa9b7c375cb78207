import {
  beginGoogleConsent,
  changeGoogleApp,
  confirmFeedAccess,
  connectFeed,
  disconnectFeed,
  getDomainTold,
  getGoogleApp,
  getServerTold,
  listFeeds,
  readFeedNow,
  renewFeed,
  takeGoogleConsent,
  uploadYahooFile,
} from "@mailstead/services/feeds";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const feedsRouter = router({
  list: queryOf(listFeeds),
  connect: mutationOf(connectFeed),
  renew: mutationOf(renewFeed),
  googleApp: queryOf(getGoogleApp),
  changeGoogleApp: mutationOf(changeGoogleApp),
  beginGoogleConsent: mutationOf(beginGoogleConsent),
  takeGoogleConsent: mutationOf(takeGoogleConsent),
  readNow: mutationOf(readFeedNow),
  confirmAccess: mutationOf(confirmFeedAccess),
  disconnect: mutationOf(disconnectFeed),
  upload: mutationOf(uploadYahooFile),
  domain: queryOf(getDomainTold),
  server: queryOf(getServerTold),
});
