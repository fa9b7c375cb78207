import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { frameSizeMaxBytes, type GatewayFrame } from "@mailstead/core/wire";
import { WebSocketServer } from "ws";
import { encodeFrame } from "../session/frame-codec.ts";
import type { SessionRegistry } from "../session/registry.ts";
import { Session, type SessionParts } from "../session/session.ts";
import type { AdmissionGate, AdmissionLimits } from "./admission.ts";

export interface UpgradeParts extends SessionParts {
  readonly registry: SessionRegistry;
  readonly gate: AdmissionGate;
  readonly limits: AdmissionLimits;
  readonly isDraining: () => boolean;
}

const linkPath = "/agent/link";

/** Takes WebSockets at /agent/link. An agent too many is told when to come back, before anything is spent on it. */
export function acceptAgents(server: Server, parts: UpgradeParts): void {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameSizeMaxBytes,
  });
  let greeting = 0;
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const path = (request.url ?? "/").split("?", 1)[0];
    if (path !== linkPath) return refuseHttp(socket, { status: "404 Not Found" });
    if (parts.isDraining())
      return refuseHttp(socket, { status: "503 Service Unavailable", retryAfterMs: 5_000 });
    const held = parts.registry.size + greeting;
    const admission = parts.gate.admit({ nowMs: performance.now(), held, greeting });
    // Even saying "busy" in a frame costs a handshake; past this only the cheapest answer is affordable.
    if (admission.kind === "wait" && greeting >= parts.limits.greetingsMax)
      return refuseHttp(socket, { status: "503 Service Unavailable", retryAfterMs: admission.retryAfterMs });
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (admission.kind === "wait") {
        webSocket.send(encodeFrame(busy(admission.retryAfterMs)), () => webSocket.close(1013));
        return;
      }
      greeting += 1;
      const session = new Session(webSocket, parts);
      void session.greeted.finally(() => {
        greeting -= 1;
      });
    });
  });
}

function busy(retryAfterMs: number): GatewayFrame {
  const sentence = "The gateway is taking in many servers at the moment; the agent tries again by itself.";
  return { type: "refused", code: "busy", sentence, retryAfterMs };
}

function refuseHttp(
  socket: Duplex,
  { status, retryAfterMs }: { status: string; retryAfterMs?: number },
): void {
  const retryAfter = retryAfterMs === undefined ? "" : `Retry-After: ${Math.ceil(retryAfterMs / 1000)}\r\n`;
  socket.end(`HTTP/1.1 ${status}\r\n${retryAfter}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
