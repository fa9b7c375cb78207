export { storeTelemetry, type Telemetry } from "./store-telemetry.ts";
export type { StreamOwner, StreamReader } from "./stream-reader.ts";
