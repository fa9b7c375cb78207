import { hostname } from "node:os";
import {
  type EnrolRequest,
  enrolmentTokenPattern,
  enrolRefusalSchema,
  enrolResponseSchema,
} from "@mailstead/core/enrolment";
import { protocolVersion } from "@mailstead/core/wire";
import { agentVersion } from "../env.ts";
import { HostRefusal } from "../platform/host-check.ts";
import { parseJson } from "../platform/parse-json.ts";
import type { Identity } from "./identity.ts";
import { fingerprintOf, makeKeyPair } from "./keys.ts";

const answerWithinMs = 20_000;

/**
 * Makes this host's keys and exchanges a token for an identity. Throws HostRefusal with the sentence to show when
 * the token is no token, is refused, or the answer does not come from the control plane that made the token.
 */
export async function enrolHost(input: {
  token: string;
  controlUrl: string;
  machineId: string;
}): Promise<Identity> {
  const fingerprint = enrolmentTokenPattern.exec(input.token)?.[2];
  if (fingerprint === undefined)
    throw new HostRefusal(
      "This is not an enrolment token. Copy the whole command from the dashboard and run it again.",
    );
  const url = new URL("/agent/enrol", controlUrl(input.controlUrl));
  const agentKeys = makeKeyPair("ed25519");
  const sealingKeys = makeKeyPair("x25519");
  const request: EnrolRequest = {
    token: input.token,
    agentPublicKey: agentKeys.publicKey,
    sealingPublicKey: sealingKeys.publicKey,
    hostname: hostname(),
    machineId: input.machineId,
    agentVersion,
    protocolVersion,
  };
  const answer = await post(url, request);
  const response = enrolResponseSchema.safeParse(answer.body);
  if (!answer.isOk || !response.success) throw new HostRefusal(refusalSentence(url, answer));
  const { agentId, serverId, gatewayUrl, signingPublicKey } = response.data;
  if (fingerprintOf(signingPublicKey, "base64url") !== fingerprint)
    throw new HostRefusal(
      `The key that ${url.host} answered with is not the one the token names: this is not the control plane that made the token, or somebody stands in between. Nothing was stored.`,
    );
  requireSafeGateway(gatewayUrl, url);
  return {
    formatVersion: 1,
    agentId,
    serverId,
    gatewayUrl,
    machineId: input.machineId,
    signingPublicKey,
    agentKeys,
    sealingKeys,
  };
}

/** The control plane's address. Throws HostRefusal for plain http, save with `#plain-http` at its end, meant for labs. */
function controlUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new HostRefusal(`"${text}" is not the address of a control plane, like https://mail.example.com.`);
  if (url.protocol === "http:" && !isLoopback(url.hostname) && url.hash !== plainMark)
    throw new HostRefusal(
      `${url.origin} is not encrypted; a token must travel over https. In a lab, end the address with ${plainMark}.`,
    );
  return url;
}

const plainMark = "#plain-http";

function requireSafeGateway(gatewayUrl: string, control: URL): void {
  const gateway = new URL(gatewayUrl);
  if (gateway.protocol === "wss:") return;
  if (gateway.protocol === "ws:" && (isLoopback(gateway.hostname) || control.protocol === "http:")) return;
  throw new HostRefusal(
    `The control plane named ${gateway.origin} as its gateway, which is not encrypted. Nothing was stored.`,
  );
}

function isLoopback(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(name);
}

interface Answer {
  isOk: boolean;
  status: number;
  body: unknown;
}

async function post(url: URL, request: EnrolRequest): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      redirect: "error",
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const text = (await response.text()).slice(0, 65_536);
    // A proxy's error page is not JSON; the status then tells all there is.
    return { isOk: response.ok, status: response.status, body: parseJson(text) };
  } catch (error) {
    const cause =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : "";
    throw new HostRefusal(
      `${url.host} could not be reached: ${cause}. Check that this host may connect outward to it, and run the command again.`,
      { cause: error },
    );
  }
}

function refusalSentence(url: URL, answer: Answer): string {
  const refusal = enrolRefusalSchema.safeParse(answer.body);
  if (refusal.success) return refusal.data.sentence;
  return `${url.host} did not answer as a Mailstead control plane does (HTTP status ${answer.status}). Check the address in the command.`;
}
