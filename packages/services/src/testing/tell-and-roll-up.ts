import { rollUpDeliveries } from "../delivery/index.ts";
import { type StoredTelemetry, storeTelemetry, type Telemetry } from "../telemetry/index.ts";
import type { ServerTest } from "./open-server-test.ts";

/** Stores what a host tells and adds it to its hours and days, which a worker does some seconds later. */
export async function tellAndRollUp(t: ServerTest, telemetry: Telemetry): Promise<StoredTelemetry> {
  const stored = await storeTelemetry(t.gateway, telemetry);
  const [failed] = await rollUpDeliveries(t.system);
  if (failed !== undefined) throw failed.cause;
  return stored;
}
