import type { Host } from "../../platform/host.ts";
import type { TelemetrySource } from "../telemetry-source.ts";
import { readReportsApart } from "./read-apart.ts";
import type { ReadReports } from "./read-reports.ts";

/** Tells of the reports that arrived on this host, by a reader that is a process of its own unless another is given. */
export function reportSource(
  host: Host,
  storePath: string,
  read: ReadReports = readReportsApart,
): TelemetrySource {
  return {
    stream: "reports",
    what: "the reports that arrived",
    everyMs: 5 * 60_000,
    read: () => read(host, storePath),
  };
}
