export {
  type BlockListSettings,
  changeBlockListSettings,
  getBlockListSettings,
} from "./block-list-settings.ts";
export { forgetOldListChanges } from "./forget-old-changes.ts";
export {
  getServerBlockLists,
  type ListChange,
  type ServerBlockLists,
  type ShownEntry,
} from "./get-block-lists.ts";
export { type FleetBlockLists, getFleetBlockLists, type Listing } from "./get-fleet-block-lists.ts";
export { recordBlockListFindings } from "./record-block-list-findings.ts";
export { blockListStream } from "./store-block-lists.ts";
export { tellHostsOfSettings } from "./tell-hosts.ts";
