export { addZoneRecords, changeZoneRecord, type RecordsAdded, removeZoneRecord } from "./change-records.ts";
export { checkDueZones, type ZoneCheckRun } from "./check-due-zones.ts";
export { checkZone, recordZoneCheck, type ZoneCheckReport } from "./check-zone.ts";
export { createZone } from "./create-zone.ts";
export { getZone, type ZoneDetail } from "./get-zone.ts";
export { createHostedZonePublisher, type PublisherContext } from "./hosted-zone-publisher.ts";
export {
  importZone,
  previewZoneImport,
  type ZoneImported,
  type ZoneImportPreview,
} from "./import-zone.ts";
export { listZones, type ZoneListRow, type ZoneStanding } from "./list-zones.ts";
export { previewPromotion, promoteSecondary } from "./promote-secondary.ts";
export {
  type HostedPlan,
  hostedZoneFinder,
  planHostedRecords,
  publishHostedRecords,
} from "./publish-hosted-records.ts";
export { removeZone } from "./remove-zone.ts";
export { renewWaitingZones, type ZoneRun } from "./renew-waiting-zones.ts";
export { rollZoneKey } from "./roll-zone-key.ts";
