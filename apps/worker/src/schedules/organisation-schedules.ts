import type { AcmeDefaults } from "@mailstead/services/certificates";
import { createPublisher, type DnsWorkerParts } from "../dns/dns-worker.ts";

import type { MailSender } from "../mail-sender.ts";
import type { WorkerContext } from "../worker-context.ts";
import { accountSchedules } from "./account-schedules.ts";
import { alertSchedules } from "./alert-schedules.ts";
import { blockListSchedules } from "./block-list-schedules.ts";
import { certificateSchedules } from "./certificate-schedules.ts";
import { checkSchedules } from "./check-schedules.ts";
import { domainSchedules } from "./domain-schedules.ts";
import { feedSchedules } from "./feed-schedules.ts";
import { measureSchedules } from "./measure-schedules.ts";
import { reputationSchedules } from "./reputation-schedules.ts";
import { rolloutSchedules } from "./rollout-schedules.ts";
import { rotationSchedules } from "./rotation-schedules.ts";
import type { Schedule } from "./schedule.ts";
import { serverSchedules } from "./server-schedules.ts";

interface OrganisationParts extends DnsWorkerParts {
  acmeDefaults: AcmeDefaults;
  sender: MailSender | null;
}

/** What is done for one organisation at a time, in the web's role. */
export function organisationSchedules(
  context: WorkerContext,
  { acmeDefaults, sender, ...parts }: OrganisationParts,
): readonly Schedule[] {
  const publisher = createPublisher(context, parts);
  return [
    ...serverSchedules(context, parts),
    ...measureSchedules(context, parts),
    ...rolloutSchedules(context, parts),
    ...domainSchedules(context, parts),
    ...rotationSchedules(context, { ...parts, publisher }),
    ...certificateSchedules(context, { ...parts, settings: acmeDefaults, publisher }),
    ...feedSchedules(context, { ...parts, publisher }),
    ...checkSchedules(context, { ...parts, sender }),
    ...reputationSchedules(context, parts),
    ...blockListSchedules(context, parts),
    ...accountSchedules(context, parts),
    ...alertSchedules(context, { ...parts, sender }),
  ];
}
