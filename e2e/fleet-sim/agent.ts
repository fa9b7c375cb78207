import { createPublicKey, type KeyObject, randomUUID, sign, verify } from "node:crypto";
import type { SecureContext } from "node:tls";
import { type JobOrder, type JobOutcome, jobOrderSchema, type SignedJob } from "@mailstead/core/jobs";
import {
  type AgentFrame,
  type GatewayFrame,
  gatewayFrameSchema,
  pingEveryMs,
  proofText,
  protocolVersion,
} from "@mailstead/core/wire";
import { WebSocket } from "ws";
import { type SimulatedIdentity, simulatedAgentVersion } from "./identity.ts";
import { type SimulatedJob, SimulatedJournal } from "./simulated-journal.ts";

/** What a simulated agent does with an order when it comes. */
export type OrderAnswer =
  | { kind: "accept" }
  /** Writes it down and says nothing, as an agent whose answer was lost. */
  | { kind: "accept-unheard" }
  /** As if the order had never come. */
  | { kind: "ignore" }
  | { kind: "refuse"; sentence: string };

export interface AgentScript {
  answer?(order: JobOrder): OrderAnswer | Promise<OrderAnswer>;
  /** Does the work; `tell` adds a line to the job's story. The result is sent when it resolves. */
  run?(job: SimulatedJob, tell: (text: string) => void): Promise<JobOutcome>;
  /** Called as an order is begun, for measures. */
  onStart?(order: JobOrder): void;
  /** Called with every frame that comes. */
  onFrame?(frame: GatewayFrame): void;
  /** Called as the control plane confirms a result. */
  onConfirmed?(jobId: string): void;
  /** Called after it was welcomed and has shown its journal. */
  onWelcome?(): void;
  /** Called when a connection ends that was welcomed. */
  onLost?(): void;
}

export interface SimulatedAgentOptions {
  readonly identity: SimulatedIdentity;
  /** Address of the gateway when it is not the one that enrolment named. */
  readonly gatewayUrl?: () => string;
  readonly script?: AgentScript;
  /** Shared by two agents, it makes one the clone of the other. */
  readonly journal?: SimulatedJournal;
  /** How long to wait before it connects again; left out, hardly at all, which suits tests. */
  readonly reconnectAfterMs?: number | ((lost: LostConnection) => number);
  /** How many of the newest frames it remembers. */
  readonly heardMax?: number;
  /** Asks the gateway for signs of life, as a real agent does. */
  readonly hasPulse?: boolean;
  /** How its sockets are made: whom they trust, and from which address they come. */
  readonly socketOptions?: { readonly localAddress?: string; readonly secureContext?: SecureContext };
}

/** What a real agent's wait depends on. */
export interface LostConnection {
  /** Connections in a row that did not last. */
  readonly failures: number;
  /** What the gateway asked for; 0 where it asked for nothing. */
  readonly retryAfterMs: number;
}

const heardMaxUsual = 1000;
const reconnectAfterMsUsual = 50;
// As the real agent: a connection that ends sooner counts as one more that failed.
const lastingMs = 30_000;

/**
 * An agent without a host: it speaks the whole protocol with real keys, keeps a journal that outlives its
 * connections, and does with an order what its script says. Cheap enough for thousands in one process.
 */
export class SimulatedAgent {
  readonly identity: SimulatedIdentity;
  readonly journal: SimulatedJournal;
  /** The frames that came last, newest last. */
  readonly heard: GatewayFrame[] = [];
  script: AgentScript;
  /** How often it was welcomed. */
  connections = 0;
  private readonly options: SimulatedAgentOptions;
  private socket: WebSocket | null = null;
  private isClosed = false;
  private isWelcome = false;
  private welcomedAtMs: number | null = null;
  private failures = 0;
  private retryAfterMs = 0;
  private reconnecting: NodeJS.Timeout | undefined;
  private pulse: NodeJS.Timeout | undefined;

  constructor(options: SimulatedAgentOptions) {
    this.options = options;
    this.identity = options.identity;
    this.script = options.script ?? {};
    this.journal = options.journal ?? new SimulatedJournal();
  }

  get isConnected(): boolean {
    return this.isWelcome;
  }

  /** Connects, and again whenever the connection is lost, until it is closed. */
  start(): this {
    this.isClosed = false;
    this.connect();
    return this;
  }

  /** Ends the connection as a crash or a cut does, without a word; the journal stays. */
  drop(): void {
    this.socket?.terminate();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.reconnecting);
    clearInterval(this.pulse);
    this.socket?.terminate();
  }

  /** Is gone for so long, or for good with null; the journal stays. */
  leave(awayMs: number | null): void {
    this.close();
    if (awayMs !== null) this.reconnecting = setTimeout(() => this.start(), awayMs);
  }

  /** Sends any frame; false when there is nobody to send it to. */
  send(frame: AgentFrame): boolean {
    return this.sendText(JSON.stringify(frame));
  }

  /** Sends what need not be a frame at all. */
  sendText(text: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }

  /** How often each job was begun on this agent. */
  startsOf(jobId: string): number {
    return this.journal.history
      .filter((job) => job.order.jobId === jobId)
      .reduce((sum, job) => sum + job.starts, 0);
  }

  private connect(): void {
    const url = this.options.gatewayUrl?.() ?? this.identity.gatewayUrl;
    const socket = new WebSocket(url, { perMessageDeflate: false, ...this.options.socketOptions });
    this.socket = socket;
    this.retryAfterMs = 0;
    socket.on("message", (data) => void this.receive(gatewayFrameSchema.parse(JSON.parse(String(data)))));
    // The close that follows says all that matters here.
    socket.on("error", () => undefined);
    socket.on("close", () => this.lose(socket));
    if (this.options.hasPulse)
      this.pulse = setInterval(() => {
        if (socket.readyState === WebSocket.OPEN) socket.ping();
      }, pingEveryMs);
  }

  private lose(socket: WebSocket): void {
    if (this.socket !== socket) return;
    clearInterval(this.pulse);
    const hasLasted = this.welcomedAtMs !== null && performance.now() - this.welcomedAtMs >= lastingMs;
    if (hasLasted) this.failures = 0;
    const lost = { failures: this.failures, retryAfterMs: this.retryAfterMs };
    const wasWelcome = this.isWelcome;
    this.failures += 1;
    this.isWelcome = false;
    this.welcomedAtMs = null;
    if (wasWelcome) this.script.onLost?.();
    if (this.isClosed) return;
    const { reconnectAfterMs = reconnectAfterMsUsual } = this.options;
    const waitMs = typeof reconnectAfterMs === "number" ? reconnectAfterMs : reconnectAfterMs(lost);
    this.reconnecting = setTimeout(() => this.connect(), waitMs);
  }

  private async receive(frame: GatewayFrame): Promise<void> {
    this.heard.push(frame);
    if (this.heard.length > (this.options.heardMax ?? heardMaxUsual)) this.heard.shift();
    this.script.onFrame?.(frame);
    switch (frame.type) {
      case "challenge":
        this.prove(frame.nonce);
        return;
      case "welcome":
        this.isWelcome = true;
        this.welcomedAtMs = performance.now();
        this.connections += 1;
        this.greet();
        this.script.onWelcome?.();
        return;
      case "refused":
        this.retryAfterMs = frame.retryAfterMs;
        // What only a person can end is not waited for.
        if (frame.code !== "busy") this.isClosed = true;
        this.socket?.close();
        return;
      case "job":
        await this.take(frame.job);
        return;
      case "cancel-job": {
        const job = this.journal.open.get(frame.jobId);
        if (job) job.isCancelRequested = true;
        return;
      }
      case "progress-stored":
        this.noteStored(frame.jobId, frame.number);
        return;
      case "result-stored":
        this.journal.open.delete(frame.jobId);
        this.script.onConfirmed?.(frame.jobId);
        return;
      case "drain":
        this.retryAfterMs = frame.retryAfterMs;
        this.socket?.close();
        return;
      case "target-state":
      case "directory-changes":
      case "telemetry-stored":
        return;
    }
  }

  private prove(nonce: string): void {
    this.journal.sessionCounter += 1;
    const claim = {
      agentId: this.identity.agentId,
      protocolVersion,
      agentVersion: simulatedAgentVersion,
      bootId: "simulated",
      sessionCounter: this.journal.sessionCounter,
    };
    const text = Buffer.from(proofText({ ...claim, nonce }), "utf8");
    const signature = sign(null, text, this.identity.privateKey).toString("base64");
    this.send({ type: "proof", ...claim, signature });
  }

  private greet(): void {
    this.send(this.journal.greeting());
    for (const job of this.journal.open.values()) {
      this.sendProgress(job);
      this.sendEnd(job);
    }
  }

  private async take(signed: SignedJob): Promise<void> {
    const order = this.verifyOrder(signed);
    const { jobId } = order;
    const known = this.journal.history.find((job) => job.order.jobId === jobId);
    if (known) {
      this.send({ type: "job-accepted", jobId });
      this.sendProgress(known);
      this.sendEnd(known);
      return;
    }
    const answer = (await this.script.answer?.(order)) ?? { kind: "accept" };
    if (answer.kind === "ignore") return;
    if (answer.kind === "refuse") {
      this.send({ type: "job-refused", jobId, reason: "vetoed-by-owner", sentence: answer.sentence });
      return;
    }
    const job = this.journal.accept(order);
    if (answer.kind === "accept") this.send({ type: "job-accepted", jobId });
    void this.run(job);
  }

  /** Throws when an order is not signed by the key that was pinned at enrolment, or is for another server. */
  private verifyOrder({ order: text, signature }: SignedJob): JobOrder {
    const key = readSigningKey(this.identity.signingPublicKey);
    if (!verify(null, Buffer.from(text, "utf8"), key, Buffer.from(signature, "base64")))
      throw new Error("An order came that the control plane's key did not sign.");
    const order = jobOrderSchema.parse(JSON.parse(text));
    if (order.serverId !== this.identity.serverId) throw new Error("An order came for another server.");
    return order;
  }

  private async run(job: SimulatedJob): Promise<void> {
    job.state = "running";
    job.starts += 1;
    this.script.onStart?.(job.order);
    const tell = (text: string) => {
      const event = this.journal.addEvent(job, { kind: "log", level: "info", text });
      this.send({ type: "job-progress", jobId: job.order.jobId, events: [event] });
    };
    const outcome = (await this.script.run?.(job, tell)) ?? { kind: "succeeded", result: { tookMs: 1 } };
    job.state = "ended";
    job.outcome = outcome;
    this.sendEnd(job);
  }

  private noteStored(jobId: string, number: number): void {
    const job = this.journal.open.get(jobId);
    if (!job) return;
    const isBehind = number < job.events.length && number === job.storedNumber;
    job.storedNumber = Math.max(job.storedNumber, number);
    if (isBehind) this.sendProgress(job);
  }

  private sendProgress(job: SimulatedJob): void {
    const events = job.events.slice(job.storedNumber);
    if (events.length > 0) this.send({ type: "job-progress", jobId: job.order.jobId, events });
  }

  private sendEnd({ order, outcome, events }: SimulatedJob): void {
    if (outcome) this.send({ type: "job-ended", jobId: order.jobId, progressNumber: events.length, outcome });
  }

  /** Asks for a target state; the answer is among `heard`. */
  askTargetState(revision: number): string {
    const requestId = randomUUID();
    this.send({ type: "target-state-request", requestId, revision });
    return requestId;
  }
}

/** All agents of a fleet have pinned the same key. */
const signingKeys = new Map<string, KeyObject>();

/** RFC 8410 §4: the DER that stands before the 32 raw bytes of an Ed25519 public key. */
function readSigningKey(rawKey: string): KeyObject {
  const known = signingKeys.get(rawKey);
  if (known !== undefined) return known;
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  const der = Buffer.concat([prefix, Buffer.from(rawKey, "base64")]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  signingKeys.set(rawKey, key);
  return key;
}
