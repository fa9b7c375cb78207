export { addServer } from "./add-server.ts";
export { answerSmarthostChange } from "./answer-smarthost-change.ts";
export {
  changeDriftPolicy,
  changeHostname,
  changeOverrides,
  changeStackSettings,
  changeWebSettings,
  type SettingsChanged,
} from "./change-settings.ts";
export { findVisibleServers } from "./find-visible-servers.ts";
export { type FleetFinding, type FleetOverview, getFleetOverview } from "./get-fleet-overview.ts";
export { getDrift, getServer, getTargetState, type ServerDetail } from "./get-server.ts";
export type { IssuedEnrolment } from "./issue-enrolment-token.ts";
export { findServerIds, listServers, type ServerPage } from "./list-servers.ts";
export { listSmarthostChanges } from "./list-smarthost-changes.ts";
export {
  checkMail,
  convergeServer,
  installServer,
  previewConverge,
  refreshFacts,
  restartService,
  unbanAddress,
} from "./operate-server.ts";
export { type ManyOrdered, type OrderPreview, orderMany, previewOrders } from "./order-many.ts";
export { type InstallPreview, previewInstall } from "./preview-install.ts";
export { type DirectoryPage, readDirectoryChanges } from "./read-directory-changes.ts";
export { readTargetDocument, readTargetPart } from "./read-target-document.ts";
export { recordFacts, recordObserved } from "./record-host.ts";
export { removeServer } from "./remove-server.ts";
export { renewEnrolment } from "./renew-enrolment.ts";
export { openAtRest, sealAtRest, sealForAgent } from "./seal-secret.ts";
export { getServerForChange, type ServerForChange } from "./server-for-change.ts";
export { foldName, typedHostNameSchema } from "./server-name.ts";
export type { ServerRow } from "./server-rows.ts";
export { setRelays } from "./set-relays.ts";
export { setSmarthosts } from "./set-smarthosts.ts";
export { syncLaggingDirectories } from "./sync-lagging-directories.ts";
export { takeTestedSmarthosts } from "./take-tested-smarthosts.ts";
export {
  changeTargetState,
  enqueueConverge,
  enqueueSyncDirectory,
  readTargetState,
} from "./target-state-store.ts";
export { testSmarthost } from "./test-smarthost.ts";
export { endTlsExceptions, setTlsExceptions } from "./tls-exceptions.ts";
export { readConditionSigns, type ToldConditionSigns } from "./told-host.ts";
export { makeTransferSecret, nextSerial, sealTransferSecret } from "./zone-secrets.ts";
