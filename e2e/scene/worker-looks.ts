import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { makeAlerts } from "@mailstead/services/alerts";
import { installationFromEnvironment, openDatabase } from "@mailstead/services/context";
import { recordDeliveryFindings } from "@mailstead/services/findings";
import { runDueMeasures } from "@mailstead/services/measures";
import type { ControlPlane } from "../control-plane/start.ts";

/**
 * Has what receivers answer judged, measures looked after and alerts written now, in the worker's own database roles; the
 * worker does the same at its next turn. Throws when one of them failed.
 */
export async function workerLooks(controlPlane: ControlPlane): Promise<void> {
  const [system, app] = [databaseAs(controlPlane, "system"), databaseAs(controlPlane, "app")];
  const installation = installationFromEnvironment({
    PUBLIC_URL: controlPlane.url,
    MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: join(controlPlane.dataDir, "signing-key.pub.pem"),
  });
  const ctx = {
    actor: { kind: "system", name: "worker" } as const,
    database: system,
    now: () => new Date(),
    requestId: randomUUID(),
  };
  try {
    const parts = { app, installation };
    const failed = [
      ...(await recordDeliveryFindings(ctx, parts)),
      ...(await runDueMeasures(ctx, parts)).failed,
      ...(await makeAlerts(ctx, parts)),
    ];
    for (const { cause } of failed) throw cause;
  } finally {
    await system.close();
    await app.close();
  }
}

function databaseAs({ adminDatabaseUrl }: ControlPlane, role: "system" | "app") {
  const url = new URL(adminDatabaseUrl);
  url.searchParams.set("options", `-c role=mailstead_${role}`);
  return openDatabase(url.href);
}
