import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import {
  defaultStackSettings,
  defaultWebSettings,
  noDns,
  noOverrides,
  noSpamhaus,
  targetStateSchema,
} from "@mailstead/core/servers";
import { protocolVersion } from "@mailstead/core/wire";
import { agents, type Database, insertMany, newId, servers, targetStates } from "@mailstead/db";
import { rawKey, type SimulatedIdentity, simulatedAgentVersion } from "./identity.ts";

export interface SeedInput {
  readonly organisationId: string;
  readonly tenantId: string;
  readonly count: number;
  readonly gatewayUrl: string;
  /** The raw public half, base64, of the key that signs orders. */
  readonly signingPublicKey: string;
}

const rowsAtOnce = 1000;
const yearMs = 365 * 86_400_000;

/**
 * Enrols many agents at once, as the administrator of the database, past the door that lets one address enrol a few hosts a
 * minute. Their keys are real, and each connection proves that it holds one.
 */
export async function seedAgents(admin: Database, input: SeedInput): Promise<readonly SimulatedIdentity[]> {
  // Two runs against one control plane must not take each other's names.
  const run = randomBytes(3).toString("hex");
  const identities: SimulatedIdentity[] = [];
  for (let first = 0; first < input.count; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, input.count - first);
    const made = Array.from({ length: count }, (_, index) =>
      makeOne(input, { run, number: first + index + 1 }),
    );
    await admin.transaction(async (tx) => {
      await insertMany(
        tx,
        servers,
        made.map(({ server }) => server),
      );
      await insertMany(
        tx,
        targetStates,
        made.map(({ targetState }) => targetState),
      );
      await insertMany(
        tx,
        agents,
        made.map(({ agent }) => agent),
      );
    });
    identities.push(...made.map(({ identity }) => identity));
  }
  return identities;
}

function makeOne(
  { organisationId, tenantId, gatewayUrl, signingPublicKey }: SeedInput,
  { run, number }: { run: string; number: number },
) {
  const now = new Date();
  const owned = { organisationId, tenantId };
  const hostname = `mail${number}.${run}.fleet.example`;
  const [serverId, agentId] = [newId(now), newId(now)];
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const document = JSON.stringify(
    targetStateSchema.parse({
      formatVersion: 1,
      serverId,
      revision: 1,
      hostname,
      stack: defaultStackSettings,
      domains: [],
      relays: [],
      destinationRelays: [],
      measures: [],
      tlsExceptions: [],
      web: defaultWebSettings,
      driftPolicy: "ask",
      overrides: noOverrides,
      certificates: [],
      dns: noDns,
      blockLists: noSpamhaus,
    }),
  );
  return {
    identity: { agentId, serverId, gatewayUrl, signingPublicKey, privateKey } satisfies SimulatedIdentity,
    server: {
      ...owned,
      id: serverId,
      name: `sim-${run}-${number}`,
      hostname,
      enrolmentState: "enrolled" as const,
      targetRevision: 1,
      appliedRevision: 1,
      appliedDirectoryEpoch: 1,
      installRequestedAt: now,
      // Nothing of a simulated host can be seen from outside.
      nextCheckAt: new Date(now.getTime() + yearMs),
      createdAt: now,
    },
    targetState: {
      ...owned,
      serverId,
      revision: 1,
      document,
      digest: createHash("sha256").update(document).digest("hex"),
      authorName: "fleet simulator",
      summary: "Server added",
      createdAt: now,
    },
    agent: {
      ...owned,
      id: agentId,
      serverId,
      publicKey: rawKey(publicKey),
      sealingKey: rawKey(generateKeyPairSync("x25519").publicKey),
      machineId: randomBytes(16).toString("hex"),
      hostname,
      agentVersion: simulatedAgentVersion,
      protocolVersion,
      enrolledAt: now,
    },
  };
}
