import type { IncomingMessage, ServerResponse } from "node:http";
import { type EnrolRefusal, enrolRequestSchema } from "@mailstead/core/enrolment";
import { serverChannel } from "@mailstead/services/bus";
import { enrolAgent } from "@mailstead/services/enrolment";
import { askToDismiss } from "../control-messages.ts";
import type { GatewayContext } from "../gateway-context.ts";
import { clientAddress, countedAs } from "./client-address.ts";
import { RateLimit } from "./rate-limit.ts";

const bodyMaxBytes = 16_384;
/** A token has 128 random bits, so these do not protect it; they keep Postgres from being asked without end. */
const perNetwork = { attemptsMax: 20, windowMs: 60_000 };
const inAll = { attemptsMax: 1_000, windowMs: 60_000 };

const statusOf: Record<EnrolRefusal["code"], number> = {
  "token-unknown": 403,
  "token-used": 403,
  "token-expired": 403,
  "host-already-enrolled": 409,
  invalid: 400,
};

/** Answers POST /agent/enrol: exchanges a token for an identity, or says in a sentence why not. */
export function createEnrolHandler(context: GatewayContext) {
  const limits = {
    network: new RateLimit(perNetwork),
    firstAttempt: new RateLimit({ ...perNetwork, attemptsMax: 1 }),
    all: new RateLimit(inAll),
  };
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const nowMs = performance.now();
    const address = clientAddress(request);
    const network = countedAs(address);
    const networkWaitMs = limits.network.count(network, nowMs);
    if (networkWaitMs !== null) return refuseForNow(response, networkWaitMs);
    const body = await readBody(request);
    const parsed = enrolRequestSchema.safeParse(body === null ? null : parseJson(body));
    if (!parsed.success)
      return refuse(response, 400, {
        code: "invalid",
        sentence: `The request to enrol is not valid (${parsed.error.issues[0]?.path.join(".") || "body"}: ${parsed.error.issues[0]?.message ?? "malformed"}); install the newest agent and try again.`,
      });
    // Only what Postgres will be asked about counts for all, and those who try again and again leave room for others.
    const crowd = limits.firstAttempt.count(network, nowMs) === null ? "first attempts" : "further attempts";
    const waitMs = limits.all.count(crowd, nowMs);
    if (waitMs !== null) return refuseForNow(response, waitMs);
    const answer = await enrolAgent(context.system(), parsed.data);
    if (answer.kind === "refused") {
      context.log.warn({ code: answer.refusal.code, address }, "refused to enrol a host");
      return refuse(response, statusOf[answer.refusal.code], answer.refusal);
    }
    const { serverId, agentId } = answer.response;
    context.log.info({ serverId, agentId, address }, "enrolled a host");
    const { heldBy: gatewayId } = answer;
    if (gatewayId !== null) await askToDismiss(context, { serverId, gatewayId });
    await context.bus.publish(serverChannel(serverId), "");
    respond(response, 200, answer.response);
  };
}

function refuseForNow(response: ServerResponse, waitMs: number): void {
  const seconds = Math.ceil(waitMs / 1000);
  response.setHeader("retry-after", seconds);
  const sentence = `Too many attempts to enrol; wait ${seconds} seconds and run the command again.`;
  refuse(response, 429, { code: "invalid", sentence });
}

function refuse(response: ServerResponse, status: number, refusal: EnrolRefusal): void {
  respond(response, status, refusal);
}

/** Sends JSON. */
export function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}

/** Null when the body is larger than any request of ours. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > bodyMaxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
