export { storeTelemetry, type Telemetry } from "./store-telemetry.ts";
