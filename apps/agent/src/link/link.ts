import { type AgentFrame, type GatewayFrame, reconnectDelayMs } from "@mailstead/core/wire";
import { clockSentence, clockToleranceMs } from "../jobs/verify-order.ts";
import { log } from "../platform/log.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { Identity } from "./identity.ts";

export interface LinkInput {
  identity: Identity;
  bootId: string;
  takeCounter: () => Promise<number>;
  onWelcome: () => void;
  onFrame: (frame: GatewayFrame) => void;
  onLost: () => void;
  /** Told what to show as the state of the link. */
  onState: (state: LinkState) => void;
  /** Uniform in [0, 1); tests choose it. */
  chance?: () => number;
  /** Calls back after a wait; tests cut it short. */
  schedule?: (connect: () => void, delayMs: number) => NodeJS.Timeout;
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

// A gateway that cannot take what this host has to tell welcomes it first and closes the line then.
const lastingMs = 30_000;

/** Keeps one connection to the gateway open for as long as the agent runs. */
export function openLink(input: LinkInput): Link {
  const { chance = Math.random, schedule = setTimeout } = input;
  let connection: Connection | null = null;
  let clockOffsetMs = 0;
  let isClosed = false;
  let failures = 0;
  let welcomedAtMs: number | null = null;
  let waiting: NodeJS.Timeout | null = null;

  async function connectOnce(): Promise<void> {
    connection = openConnection({
      identity: input.identity,
      bootId: input.bootId,
      takeCounter: input.takeCounter,
      onFrame: input.onFrame,
      onWelcome(welcome) {
        welcomedAtMs = performance.now();
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
    if (welcomedAtMs !== null && performance.now() - welcomedAtMs >= lastingMs) failures = 0;
    welcomedAtMs = null;
    const retryAfterMs = end.kind === "lost" ? 0 : end.retryAfterMs;
    const delayMs = reconnectDelayMs({ failures, retryAfterMs, chance: chance() });
    failures += 1;
    const sentence =
      end.kind === "refused"
        ? end.sentence
        : end.kind === "drained"
          ? "the gateway is restarting"
          : end.reason;
    log("warning", `not connected: ${sentence}; next try in ${Math.round(delayMs / 1000)} s`);
    input.onState({ isConnected: false, sentence });
    waiting = schedule(() => void connectOnce(), delayMs);
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
