import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Database, openDatabase } from "@mailstead/db";
import { makeTenant } from "@mailstead/db/factories";
import { readEmbeddedAddress } from "@mailstead/infra/postgres";
import { installationFromEnvironment } from "@mailstead/services/context";
import { restartService } from "@mailstead/services/servers";
import { openPlant } from "../delivery/plant.ts";
import { EnrolmentRefused, enrolSimulated, type SimulatedIdentity } from "./identity.ts";
import type { ControlPlaneChoice } from "./options.ts";
import { seedAgents } from "./seed-agents.ts";

/** A control plane that a fleet has been enrolled at. */
export interface EnrolledFleet {
  readonly identities: readonly SimulatedIdentity[];
  readonly gatewayUrl: string;
  close(): Promise<void>;
}

/** Enrols agents at the control plane that was chosen, which is started when it is the run's own. */
export function enrolFleet(
  choice: ControlPlaneChoice,
  { count, log }: { count: number; log: (line: string) => void },
): Promise<EnrolledFleet> {
  switch (choice.kind) {
    case "own":
      return openOwn(count, choice.ordersPerMinute);
    case "up":
      return joinUp(count, choice.dataDir);
    case "tokens":
      return useTokens(choice, { count, log });
  }
}

async function openOwn(count: number, ordersPerMinute: number): Promise<EnrolledFleet> {
  const plant = await openPlant();
  try {
    const { linkUrl: gatewayUrl } = await plant.startGateway();
    await plant.startWorker();
    const { organisationId, installation } = plant.owner;
    const { signingPublicKey } = installation;
    const identities = await seedAgents(plant.database.admin, {
      organisationId,
      tenantId: plant.tenantId,
      count,
      gatewayUrl,
      signingPublicKey,
    });
    const ordering = ordersPerMinute === 0 ? undefined : setInterval(order, 60_000 / ordersPerMinute);
    let underWay: Promise<unknown> = Promise.resolve();
    function order(): void {
      const { serverId = "" } = identities[Math.floor(Math.random() * identities.length)] ?? {};
      underWay = restartService(plant.owner, { serverId, service: "postfix" }).catch((problem: Error) =>
        console.error(`An order could not be given: ${problem.message}`),
      );
    }
    return {
      identities,
      gatewayUrl,
      async close() {
        clearInterval(ordering);
        await underWay;
        await plant.stop();
      },
    };
  } catch (cause) {
    await plant.stop();
    throw cause;
  }
}

async function joinUp(count: number, dataDir: string): Promise<EnrolledFleet> {
  const address = readEmbeddedAddress(join(dataDir, "postgres"));
  const note = await readFile(join(dataDir, "ready.json"), "utf8").catch(() => null);
  if (address === null || note === null)
    throw new Error(
      `No control plane with a database of its own runs with the folder ${dataDir}; start one with "npm run up", or name its folder with --up.`,
    );
  const { gatewayUrl, signingPublicKey } = installationFromEnvironment({
    PUBLIC_URL: (JSON.parse(note) as { publicUrl: string }).publicUrl,
    MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: join(dataDir, "signing-key.pub.pem"),
  });
  const admin = openDatabase(address);
  try {
    const owner = await findTenant(admin);
    const identities = await seedAgents(admin, { ...owner, count, gatewayUrl, signingPublicKey });
    return { identities, gatewayUrl, close: async () => undefined };
  } finally {
    await admin.close();
  }
}

/** The customer whose servers they become: one of that name in the oldest organisation. */
async function findTenant(admin: Database): Promise<{ organisationId: string; tenantId: string }> {
  const { rows: organisations } = await admin.pool.query<{ id: string }>(
    "select id from organisations order by created_at limit 1",
  );
  const organisationId = organisations[0]?.id;
  if (organisationId === undefined)
    throw new Error(
      "The control plane has no organisation yet; open its first owner's link, then start again.",
    );
  const name = "Simulated fleet";
  const { rows: tenants } = await admin.pool.query<{ id: string }>(
    "select id from tenants where organisation_id = $1 and name = $2",
    [organisationId, name],
  );
  const tenantId =
    tenants[0]?.id ?? (await makeTenant(admin, { organisationId, name, createdAt: new Date() })).id;
  return { organisationId, tenantId };
}

async function useTokens(
  { url, tokens }: Extract<ControlPlaneChoice, { kind: "tokens" }>,
  { count, log }: { count: number; log: (line: string) => void },
): Promise<EnrolledFleet> {
  const identities: SimulatedIdentity[] = [];
  for (const token of tokens.slice(0, count)) identities.push(await enrolPatiently({ url, token, log }));
  const gatewayUrl = identities[0]?.gatewayUrl ?? "";
  return { identities, gatewayUrl, close: async () => undefined };
}

/** One address may enrol a few hosts a minute, and a whole fleet comes from this one. */
async function enrolPatiently(input: {
  url: string;
  token: string;
  log: (line: string) => void;
}): Promise<SimulatedIdentity> {
  for (;;)
    try {
      return await enrolSimulated({ controlUrl: input.url, token: input.token });
    } catch (problem) {
      if (!(problem instanceof EnrolmentRefused) || problem.retryAfterS === null) throw problem;
      input.log(
        `The control plane lets one address enrol a few hosts a minute; going on in ${problem.retryAfterS} s.`,
      );
      await wait(problem.retryAfterS * 1000);
    }
}
