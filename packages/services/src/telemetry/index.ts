export { forgetOldStreams } from "./forget-old-streams.ts";
export { type StoredTelemetry, storeTelemetry, type Telemetry } from "./store-telemetry.ts";
export type { StreamOwner, StreamReader, ToldBatch } from "./stream-reader.ts";
export { openTelemetryIntake, type TelemetryIntake } from "./telemetry-intake.ts";
