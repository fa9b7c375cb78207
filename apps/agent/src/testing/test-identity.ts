import { createHash, sign } from "node:crypto";
import type { JobOrder, ProgressBody, SignedJob } from "@mailstead/core/jobs";
import {
  defaultStackSettings,
  noOverrides,
  type TargetState,
  targetStateSchema,
} from "@mailstead/core/servers";
import type { JobContext } from "../jobs/job-context.ts";
import type { Identity } from "../link/identity.ts";
import { fingerprintOf, makeKeyPair, privateKeyOf, type RawKeyPair } from "../link/keys.ts";

export const testServerId = "0198a5e0-0000-7000-8000-00000000000a";

/** An agent's identity and the control plane's key pair that it pins. */
export function makeIdentity(): { identity: Identity; signingKeys: RawKeyPair } {
  const signingKeys = makeKeyPair("ed25519");
  const identity: Identity = {
    formatVersion: 1,
    agentId: "0198a5e0-0000-7000-8000-00000000000b",
    serverId: testServerId,
    gatewayUrl: "ws://127.0.0.1:1/agent/link",
    machineId: "0".repeat(32),
    signingPublicKey: signingKeys.publicKey,
    agentKeys: makeKeyPair("ed25519"),
    sealingKeys: makeKeyPair("x25519"),
  };
  return { identity, signingKeys };
}

/** Signs an order as the control plane does. */
export function signOrder(order: JobOrder, keys: RawKeyPair): SignedJob {
  const text = JSON.stringify(order);
  return {
    order: text,
    signature: sign(null, Buffer.from(text), privateKeyOf("ed25519", keys.privateKey)).toString("base64"),
    keyFingerprint: fingerprintOf(keys.publicKey, "hex"),
  };
}

/** A target state with one domain and its two DKIM keys, and what a job names it by. */
export function makeTarget(changes: Partial<Record<keyof TargetState, unknown>> = {}) {
  const target = targetStateSchema.parse({
    formatVersion: 1,
    serverId: testServerId,
    revision: 1,
    hostname: "mail.alpha.example",
    stack: defaultStackSettings,
    domains: [
      {
        name: "alpha.example",
        dkimKeys: [
          { selector: "ms202611a", algorithm: "rsa-2048", isSigning: true },
          { selector: "ms202611b", algorithm: "ed25519", isSigning: true },
        ],
      },
    ],
    relays: [],
    driftPolicy: "ask",
    overrides: noOverrides,
    ...changes,
  });
  const text = JSON.stringify(target);
  const targetDigest = createHash("sha256").update(text).digest("hex");
  return { target, text, args: { targetRevision: target.revision, targetDigest, revertsDrift: false } };
}

/** A job that nobody cancels, and what it tells. */
export function quietJob({ isOwn = false } = {}): { job: JobContext; told: ProgressBody[] } {
  const told: ProgressBody[] = [];
  const order = {
    formatVersion: 1,
    jobId: "0198a5e0-0000-7000-8000-000000000001",
    serverId: testServerId,
    sequence: 1,
    verb: "converge",
    args: {},
    issuedAtUnixMs: 0,
    expiresAtUnixMs: 0,
  } as const;
  const job: JobContext = {
    order,
    isOwn,
    signal: new AbortController().signal,
    report: (body) => told.push(body),
    logLine: (level, text) => told.push({ kind: "log", level, text }),
    requireGoOn: () => undefined,
    beginStep: () => undefined,
    endStep: () => undefined,
  };
  return { job, told };
}
