import { sign } from "node:crypto";
import {
  type AgentFrame,
  frameSizeMaxBytes,
  type GatewayFrame,
  gatewayFrameSchema,
  pingEveryMs,
  proofText,
  protocolVersion,
} from "@mailstead/core/wire";
import { WebSocket } from "ws";
import { agentVersion } from "../env.ts";
import { log } from "../platform/log.ts";
import { parseJson } from "../platform/parse-json.ts";
import type { Identity } from "./identity.ts";
import { privateKeyOf } from "./keys.ts";

export type ConnectionEnd =
  | { kind: "refused"; code: string; sentence: string; retryAfterMs: number }
  | { kind: "drained"; retryAfterMs: number }
  | { kind: "lost"; reason: string; wasWelcome: boolean };

export interface Connection {
  /** Resolves when the connection is over, for whatever reason; never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  /** Sends a frame; false when the gateway has not welcomed us or the line is gone. */
  send(frame: AgentFrame): boolean;
  close(): void;
}

export interface ConnectionInput {
  identity: Identity;
  bootId: string;
  /** Stores and gives the number of this session. */
  takeCounter: () => Promise<number>;
  onWelcome: (welcome: Extract<GatewayFrame, { type: "welcome" }>) => void;
  onFrame: (frame: GatewayFrame) => void;
}

const handshakeWithinMs = 20_000;
// Two pings may be lost before the line counts as dead.
const silenceMaxMs = 2.5 * pingEveryMs;
// More than this waiting in the socket means a line that no longer moves.
const bufferedMaxBytes = 8 * frameSizeMaxBytes;

/** Opens one connection to the gateway and proves this agent's key on it. */
export function openConnection(input: ConnectionInput): Connection {
  const { identity } = input;
  const socket = new WebSocket(identity.gatewayUrl, {
    perMessageDeflate: false,
    maxPayload: frameSizeMaxBytes,
    handshakeTimeout: handshakeWithinMs,
  });
  let isWelcome = false;
  let lastHeardMs = performance.now();
  let ending: ConnectionEnd | null = null;
  let finish: (end: ConnectionEnd) => void = () => undefined;
  const ended = new Promise<ConnectionEnd>((resolve) => {
    finish = resolve;
  });

  const greeting = setTimeout(
    () => drop("the gateway did not complete the greeting in time"),
    handshakeWithinMs,
  );
  const pulse = setInterval(() => {
    if (performance.now() - lastHeardMs > silenceMaxMs) drop("the gateway has been silent for too long");
    else if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, pingEveryMs);

  function end(reason: ConnectionEnd): void {
    clearTimeout(greeting);
    clearInterval(pulse);
    ending ??= reason;
    finish(ending);
  }

  function drop(reason: string): void {
    end({ kind: "lost", reason, wasWelcome: isWelcome });
    socket.terminate();
  }

  function heard(): void {
    lastHeardMs = performance.now();
  }

  socket.on("ping", heard);
  socket.on("pong", heard);
  socket.on("error", (error) => drop(error.message));
  socket.on("close", (code, reason) =>
    end({ kind: "lost", reason: `closed with ${code} ${String(reason)}`.trim(), wasWelcome: isWelcome }),
  );
  socket.on("message", (data, isBinary) => {
    heard();
    const text = isBinary ? "" : String(data);
    if (isBinary || Buffer.byteLength(text) > frameSizeMaxBytes)
      return drop("the gateway sent a frame that is no frame of ours");
    const frame = parseFrame(text);
    if (frame !== null) void receive(frame);
  });

  async function receive(frame: GatewayFrame): Promise<void> {
    try {
      switch (frame.type) {
        case "challenge":
          await prove(frame.nonce);
          return;
        case "welcome":
          clearTimeout(greeting);
          isWelcome = true;
          input.onWelcome(frame);
          return;
        case "refused":
          end({ kind: "refused", ...frame });
          socket.close();
          return;
        case "drain":
          end({ kind: "drained", retryAfterMs: frame.retryAfterMs });
          socket.close();
          return;
        default:
          if (isWelcome) input.onFrame(frame);
      }
    } catch (error) {
      drop((error as Error).message);
    }
  }

  async function prove(nonce: string): Promise<void> {
    const proof = {
      nonce,
      agentId: identity.agentId,
      protocolVersion,
      bootId: input.bootId,
      sessionCounter: await input.takeCounter(),
    };
    const key = privateKeyOf("ed25519", identity.agentKeys.privateKey);
    const signature = sign(null, Buffer.from(proofText(proof), "utf8"), key).toString("base64");
    const { nonce: _, ...said } = proof;
    transmit({ type: "proof", ...said, agentVersion, signature });
  }

  function transmit(frame: AgentFrame): boolean {
    if (socket.readyState !== WebSocket.OPEN || ending !== null) return false;
    const text = JSON.stringify(frame);
    if (Buffer.byteLength(text) > frameSizeMaxBytes) {
      log("error", `a frame "${frame.type}" is too large for the wire and was not sent`);
      return false;
    }
    if (socket.bufferedAmount > bufferedMaxBytes) {
      drop("the gateway does not take what is sent");
      return false;
    }
    socket.send(text);
    return true;
  }

  return {
    ended,
    send: (frame) => isWelcome && transmit(frame),
    close() {
      end({ kind: "lost", reason: "the agent is stopping", wasWelcome: isWelcome });
      socket.close(1000);
    },
  };
}

/** A frame of the wire, or null for one that a newer gateway speaks and this agent does not know. */
function parseFrame(text: string): GatewayFrame | null {
  const value = parseJson(text);
  const parsed = gatewayFrameSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const type = (value as { type?: unknown } | null)?.type;
  log("warning", `ignored a frame ${JSON.stringify(type)?.slice(0, 60)} that this agent does not understand`);
  return null;
}
