import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { openDatabase } from "@mailstead/db";
import { createFirstOwner } from "@mailstead/services/access";
import { type Bus, openBus } from "@mailstead/services/bus";
import { installationFromEnvironment, type ServiceContext } from "@mailstead/services/context";
import type { ControlPlane } from "../control-plane/start.ts";
import { owner } from "./scene.ts";

/** An owner who acts through the use cases, as the dashboard's procedures do, for benches that need no browser. */
export interface Operator {
  readonly ctx: ServiceContext;
  readonly bus: Bus;
  close(): Promise<void>;
}

/** Uses the one-time link up and acts as the owner that it makes. */
export async function openOperator(controlPlane: ControlPlane): Promise<Operator> {
  const database = openDatabase(controlPlane.adminDatabaseUrl);
  const installation = installationFromEnvironment({
    PUBLIC_URL: controlPlane.url,
    MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: join(controlPlane.dataDir, "signing-key.pub.pem"),
    RELEASES_DIR: join(controlPlane.dataDir, "releases"),
  });
  const base = { database, installation, now: () => new Date(), requestId: randomUUID() };
  const token = controlPlane.ownerLink?.split("/").at(-1) ?? "";
  const { organisationId, userId } = await createFirstOwner(base, {
    token,
    organisationName: owner.organisation,
    name: owner.name,
    email: owner.email,
    password: owner.password,
  });
  const bus = await openBus({ databaseUrl: controlPlane.adminDatabaseUrl });
  return {
    bus,
    ctx: {
      ...base,
      organisationId,
      tenantId: null,
      actor: { kind: "user", userId, name: owner.name, role: "owner" },
    },
    close: async () => {
      await bus.close();
      await database.close();
    },
  };
}
