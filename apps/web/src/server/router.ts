import { accessRouter } from "../features/access/router.ts";
import { auditRouter } from "../features/audit/router.ts";
import { certificatesRouter } from "../features/certificates/router.ts";
import { deliverabilityRouter } from "../features/deliverability/router.ts";
import { dkimDelegationRouter } from "../features/dkim-delegation/router.ts";
import { domainsRouter } from "../features/domains/router.ts";
import { feedsRouter } from "../features/feeds/router.ts";
import { homeRouter } from "../features/home/router.ts";
import { jobsRouter } from "../features/jobs/router.ts";
import { liveRouter } from "../features/live/router.ts";
import { mailboxesRouter } from "../features/mailboxes/router.ts";
import { measuresRouter } from "../features/measures/router.ts";
import { publishingRouter } from "../features/publishing/router.ts";
import { rotationsRouter } from "../features/rotations/router.ts";
import { serversRouter } from "../features/servers/router.ts";
import { tenantsRouter } from "../features/tenants/router.ts";
import { withdrawalsRouter } from "../features/withdrawals/router.ts";
import { zonesRouter } from "../features/zones/router.ts";
import { router } from "./trpc.ts";

/** Everything the dashboard may ask, one slice each. */
export const appRouter = router({
  access: accessRouter,
  audit: auditRouter,
  certificates: certificatesRouter,
  deliverability: deliverabilityRouter,
  dkimDelegation: dkimDelegationRouter,
  domains: domainsRouter,
  feeds: feedsRouter,
  home: homeRouter,
  jobs: jobsRouter,
  live: liveRouter,
  mailboxes: mailboxesRouter,
  measures: measuresRouter,
  publishing: publishingRouter,
  rotations: rotationsRouter,
  servers: serversRouter,
  tenants: tenantsRouter,
  withdrawals: withdrawalsRouter,
  zones: zonesRouter,
});
export type AppRouter = typeof appRouter;
