export { getServerInventory, type ServerInventory } from "./get-server-inventory.ts";
export { getUpdatesOverview, type UpdatesOverview } from "./get-updates-overview.ts";
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
export { listWaitingPackages, readWaitingPackages, type WaitingPackage } from "./read-waiting-packages.ts";
export {
  type FoundServer,
  type FoundVersion,
  type PackageAnswer,
  searchPackages,
} from "./search-packages.ts";
export { inventoryStream } from "./store-inventory.ts";
