import { type AgentFrame, frameSizeMaxBytes, type GatewayFrame, pingEveryMs } from "@mailstead/core/wire";
import { WebSocket } from "ws";
import { encodeFrame, parseAgentFrame } from "./frame-codec.ts";

/** Why a connection ended, as WebSocket close codes (RFC 6455 §7.4). */
export const closeCodes = {
  done: 1000,
  goingAway: 1001,
  refused: 1008,
  broken: 1011,
  replaced: 4000,
} as const;

export interface AgentSocketEvents {
  /** Frames come one at a time: the next is not read before this one is settled. */
  onFrame(frame: AgentFrame): Promise<void>;
  onNotUnderstood(type: string): void;
  onBroken(problem: unknown): void;
  onClose(code: number): void;
}

// Frames that wait for Postgres; beyond these the socket is not read, and TCP slows the agent down.
const waitingFramesMax = 16;
// More than this unsent means an agent that does not read; holding on would fill our memory with its frames.
const bufferedMaxBytes = 4 * frameSizeMaxBytes;
const silenceMaxMs = 2.5 * pingEveryMs;
const closeWithinMs = 5_000;

/** One agent's connection: frames in order, bounded in both directions, and dropped when it falls silent. */
export class AgentSocket {
  private readonly socket: WebSocket;
  private readonly events: AgentSocketEvents;
  private work: Promise<void> = Promise.resolve();
  private waitingFrames = 0;
  private lastHeardMs = performance.now();
  private isClosing = false;

  constructor(socket: WebSocket, events: AgentSocketEvents) {
    this.socket = socket;
    this.events = events;
    socket.on("message", (data, isBinary) => this.receive(isBinary ? null : String(data)));
    socket.on("pong", () => this.hear());
    socket.on("ping", () => this.hear());
    socket.on("error", (problem) => events.onBroken(problem));
    socket.on("close", (code) => {
      this.isClosing = true;
      // What the agent said before it went comes first: an answer that is stored after the end would speak of a job as held.
      void this.work.then(() => events.onClose(code));
    });
  }

  /** False when the frame was not sent: the connection is over, or the agent does not read. */
  send(frame: GatewayFrame): boolean {
    if (this.isOver) return false;
    const text = encodeFrame(frame);
    if (Buffer.byteLength(text) > frameSizeMaxBytes) {
      this.events.onBroken(new Error(`A frame "${frame.type}" is larger than the wire allows.`));
      return false;
    }
    if (this.socket.bufferedAmount > bufferedMaxBytes) {
      this.events.onBroken(new Error("The agent does not read what is sent to it."));
      this.socket.terminate();
      return false;
    }
    this.socket.send(text);
    return true;
  }

  /** Nothing that is sent now arrives. */
  get isOver(): boolean {
    return this.isClosing || this.socket.readyState !== WebSocket.OPEN;
  }

  /** Asks for a sign of life, or gives the connection up when the last one is too old. */
  checkPulse(): void {
    if (performance.now() - this.lastHeardMs > silenceMaxMs) this.socket.terminate();
    else if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
  }

  /** Heard from within the last period of pings. */
  get isHeard(): boolean {
    return performance.now() - this.lastHeardMs < pingEveryMs + 1_000;
  }

  /** Reads no further frame, finishes those in hand, then closes. */
  async close(code: number): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    await this.work;
    this.socket.close(code);
    setTimeout(() => this.socket.terminate(), closeWithinMs).unref();
  }

  private hear(): void {
    this.lastHeardMs = performance.now();
  }

  private receive(text: string | null): void {
    this.hear();
    if (this.isClosing) return;
    const parsed =
      text === null ? { kind: "not-understood" as const, type: "binary" } : parseAgentFrame(text);
    if (parsed.kind === "not-understood") {
      this.events.onNotUnderstood(parsed.type);
      return;
    }
    this.waitingFrames += 1;
    if (this.waitingFrames > waitingFramesMax) this.socket.pause();
    this.work = this.work.then(() => this.settle(parsed.frame));
  }

  private async settle(frame: AgentFrame): Promise<void> {
    try {
      await this.events.onFrame(frame);
    } catch (problem) {
      // The agent keeps what was not acknowledged and sends it again on its next connection.
      this.events.onBroken(problem);
      this.isClosing = true;
      this.socket.close(closeCodes.broken);
    } finally {
      this.waitingFrames -= 1;
      if (this.waitingFrames === Math.floor(waitingFramesMax / 2)) this.socket.resume();
    }
  }
}
