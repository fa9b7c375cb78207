import type { AgentFrame, GatewayFrame } from "@mailstead/core/wire";
import { clockSentence, clockToleranceMs } from "../jobs/verify-order.ts";
import { log } from "../platform/log.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { Identity } from "./identity.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";

export interface LinkInput {
  identity: Identity;
  bootId: string;
  takeCounter: () => Promise<number>;
  onWelcome: () => void;
  onFrame: (frame: GatewayFrame) => void;
  onLost: () => void;
  /** Told what to show as the state of the link. */
  onState: (state: LinkState) => void;
}

export interface LinkState {
  isConnected: boolean;
  sentence: string;
}

export interface Link {
  send(frame: AgentFrame): boolean;
  /** Gateway's clock less ours, as the last welcome told; 0 before the first. */
  clockOffsetMs(): number;
  close(): void;
}

/** Keeps one connection to the gateway open for as long as the agent runs. */
export function openLink(input: LinkInput): Link {
  let connection: Connection | null = null;
  let clockOffsetMs = 0;
  let isClosed = false;
  let failures = 0;
  let waiting: NodeJS.Timeout | null = null;

  async function connectOnce(): Promise<void> {
    connection = openConnection({
      identity: input.identity,
      bootId: input.bootId,
      takeCounter: input.takeCounter,
      onFrame: input.onFrame,
      onWelcome(welcome) {
        failures = 0;
        clockOffsetMs = welcome.serverTimeUnixMs - Date.now();
        if (Math.abs(clockOffsetMs) > clockToleranceMs) log("warning", clockSentence(clockOffsetMs));
        input.onState({ isConnected: true, sentence: `connected to ${input.identity.gatewayUrl}` });
        log("info", `connected to ${input.identity.gatewayUrl}`);
        input.onWelcome();
      },
    });
    const end = await connection.ended;
    connection = null;
    input.onLost();
    if (isClosed) return;
    const retryAfterMs = end.kind === "lost" ? 0 : end.retryAfterMs;
    const delayMs = reconnectDelayMs({ failures, retryAfterMs, chance: Math.random() });
    failures += 1;
    const sentence =
      end.kind === "refused"
        ? end.sentence
        : end.kind === "drained"
          ? "the gateway is restarting"
          : end.reason;
    log("warning", `not connected: ${sentence}; next try in ${Math.round(delayMs / 1000)} s`);
    input.onState({ isConnected: false, sentence });
    waiting = setTimeout(() => void connectOnce(), delayMs);
  }

  void connectOnce();
  return {
    send: (frame) => connection?.send(frame) ?? false,
    clockOffsetMs: () => clockOffsetMs,
    close() {
      isClosed = true;
      if (waiting !== null) clearTimeout(waiting);
      connection?.close();
    },
  };
}
