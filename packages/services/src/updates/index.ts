export { countOpenSources } from "./count-open-sources.ts";
export { debianSecurityLists, fetchSecurityLists, type ListFetches } from "./fetch-security-lists.ts";
export { findOpenServers, type OpenServer, type OpenServersAnswer } from "./find-open-servers.ts";
export { getSecurityLists, type SecurityListState } from "./get-security-lists.ts";
export { getServerInventory, type ServerInventory } from "./get-server-inventory.ts";
export { getUpdatesOverview, type UpdatesOverview } from "./get-updates-overview.ts";
export { judgeSources } from "./judge-sources.ts";
export { listOpenCves } from "./list-open-cves.ts";
export { listServerCves } from "./list-server-cves.ts";
export { listServerPackages, type ServerPackagePage } from "./list-server-packages.ts";
export {
  listServersToRestart,
  type ServersToRestartPage,
  type ServerToRestart,
} from "./list-servers-to-restart.ts";
export {
  listWaitingUpdates,
  type WaitingUpdateRow,
  type WaitingUpdatesPage,
} from "./list-waiting-updates.ts";
export { type FixState, fixStates, type OpenCve, type OpenCvePage } from "./read-open-cves.ts";
export { listWaitingPackages, readWaitingPackages, type WaitingPackage } from "./read-waiting-packages.ts";
export {
  type FoundServer,
  type FoundVersion,
  type PackageAnswer,
  searchPackages,
} from "./search-packages.ts";
export { inventoryStream } from "./store-inventory.ts";
