import { accessRouter } from "../features/access/router.ts";
import { accountsRouter } from "../features/accounts/router.ts";
import { alertsRouter } from "../features/alerts/router.ts";
import { auditRouter } from "../features/audit/router.ts";
import { blockListsRouter } from "../features/block-lists/router.ts";
import { certificatesRouter } from "../features/certificates/router.ts";
import { deliverabilityRouter } from "../features/deliverability/router.ts";
import { dkimDelegationRouter } from "../features/dkim-delegation/router.ts";
import { domainsRouter } from "../features/domains/router.ts";
import { feedsRouter } from "../features/feeds/router.ts";
import { findingsRouter } from "../features/findings/router.ts";
import { homeRouter } from "../features/home/router.ts";
import { jobsRouter } from "../features/jobs/router.ts";
import { liveRouter } from "../features/live/router.ts";
import { mailQueueRouter } from "../features/mail-queue/router.ts";
import { mailboxesRouter } from "../features/mailboxes/router.ts";
import { maintenanceRouter } from "../features/maintenance/router.ts";
import { measuresRouter } from "../features/measures/router.ts";
import { publishingRouter } from "../features/publishing/router.ts";
import { rolloutsRouter } from "../features/rollouts/router.ts";
import { rotationsRouter } from "../features/rotations/router.ts";
import { senderRulesRouter } from "../features/sender-rules/router.ts";
import { serversRouter } from "../features/servers/router.ts";
import { tagsRouter } from "../features/tags/router.ts";
import { tenantsRouter } from "../features/tenants/router.ts";
import { traceRouter } from "../features/trace/router.ts";
import { updatesRouter } from "../features/updates/router.ts";
import { verdictsRouter } from "../features/verdicts/router.ts";
import { withdrawalsRouter } from "../features/withdrawals/router.ts";
import { zonesRouter } from "../features/zones/router.ts";
import { router } from "./trpc.ts";

/** Everything the dashboard may ask, one slice each. */
export const appRouter = router({
  access: accessRouter,
  accounts: accountsRouter,
  alerts: alertsRouter,
  audit: auditRouter,
  blockLists: blockListsRouter,
  certificates: certificatesRouter,
  deliverability: deliverabilityRouter,
  dkimDelegation: dkimDelegationRouter,
  domains: domainsRouter,
  feeds: feedsRouter,
  findings: findingsRouter,
  home: homeRouter,
  jobs: jobsRouter,
  live: liveRouter,
  mailQueue: mailQueueRouter,
  mailboxes: mailboxesRouter,
  maintenance: maintenanceRouter,
  measures: measuresRouter,
  publishing: publishingRouter,
  rollouts: rolloutsRouter,
  rotations: rotationsRouter,
  senderRules: senderRulesRouter,
  servers: serversRouter,
  tags: tagsRouter,
  tenants: tenantsRouter,
  trace: traceRouter,
  updates: updatesRouter,
  verdicts: verdictsRouter,
  withdrawals: withdrawalsRouter,
  zones: zonesRouter,
});
export type AppRouter = typeof appRouter;
