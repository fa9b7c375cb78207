export { keepDeliveryPartitions } from "./keep-partitions.ts";
export { storeTelemetry, type Telemetry } from "./store-telemetry.ts";
