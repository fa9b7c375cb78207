export type { CountScope, OwnDomain } from "./count-scope.ts";
export { type CountsBehind, getCountsBehind } from "./get-counts-behind.ts";
export {
  type DeliveryOverview,
  getDomainDelivery,
  getServerDelivery,
  type ProviderDelivery,
  type ProviderIncident,
  type ToldReply,
} from "./get-delivery.ts";
export { keepDeliveryPartitions } from "./keep-partitions.ts";
export { keepLatencySums } from "./latency-sums.ts";
export { readCounts } from "./read-counts.ts";
export { readSenderVolumes, type SenderVolume } from "./read-sender-volumes.ts";
export { type FailedRollUp, rollUpDeliveries } from "./roll-up.ts";
export { deliveryStream } from "./store-deliveries.ts";
