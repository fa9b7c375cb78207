import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import {
  type EnrolRefusal,
  type EnrolRequest,
  enrolRefusalSchema,
  enrolResponseSchema,
} from "@mailstead/core/enrolment";
import { protocolVersion } from "@mailstead/core/wire";

/** What a real agent keeps in its identity file, with real keys. */
export interface SimulatedIdentity {
  readonly agentId: string;
  readonly serverId: string;
  readonly gatewayUrl: string;
  readonly signingPublicKey: string;
  readonly privateKey: KeyObject;
}

export const simulatedAgentVersion = "0.0.0-sim";

export interface EnrolInput {
  /** Where the gateway listens, like http://127.0.0.1:7402. */
  readonly controlUrl: string;
  readonly token: string;
  readonly machineId?: string;
}

/** Why a token brought no identity, in the control plane's own sentence. */
export class EnrolmentRefused extends Error {
  /** After how many seconds to try again; null where that does not help. */
  readonly retryAfterS: number | null;

  constructor(sentence: string, retryAfterS: number | null) {
    super(sentence);
    this.retryAfterS = retryAfterS;
  }
}

/** Exchanges a token for an identity as the agent does. Rejects with EnrolmentRefused. */
export async function enrolSimulated(input: EnrolInput): Promise<SimulatedIdentity> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const answer = await postEnrolment(input.controlUrl, makeEnrolRequest(input, rawKey(publicKey)));
  if (answer.refusal)
    throw new EnrolmentRefused(
      answer.refusal.sentence,
      answer.retryAfter === null ? null : Number(answer.retryAfter),
    );
  const { agentId, serverId, gatewayUrl, signingPublicKey } = enrolResponseSchema.parse(answer.body);
  return { agentId, serverId, gatewayUrl, signingPublicKey, privateKey };
}

/** A request to enrol that is right in every field. */
export function makeEnrolRequest(
  { token, machineId }: Omit<EnrolInput, "controlUrl">,
  agentPublicKey: string,
): EnrolRequest {
  return {
    token,
    agentPublicKey,
    sealingPublicKey: rawKey(generateKeyPairSync("x25519").publicKey),
    hostname: "simulated",
    machineId: machineId ?? randomBytes(16).toString("hex"),
    agentVersion: simulatedAgentVersion,
    protocolVersion,
  };
}

export interface EnrolAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly refusal: EnrolRefusal | null;
  readonly retryAfter: string | null;
}

/** Posts whatever is given, so that refusals can be looked at. */
export async function postEnrolment(controlUrl: string, request: unknown): Promise<EnrolAnswer> {
  const response = await fetch(new URL("/agent/enrol", controlUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  const body: unknown = await response.json();
  const refusal = response.ok ? null : enrolRefusalSchema.parse(body);
  return { status: response.status, body, refusal, retryAfter: response.headers.get("retry-after") };
}

/** An Ed25519 or X25519 public key as the wire has it. RFC 8410 §4: its DER ends with its 32 raw bytes. */
export function rawKey(key: KeyObject): string {
  return key.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
}
