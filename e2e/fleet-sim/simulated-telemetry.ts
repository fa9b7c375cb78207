import { randomUUID } from "node:crypto";
import type { DeliveryBatch, DeliveryCount } from "@mailstead/core/delivery";
import type { AgentFrame, GatewayFrame } from "@mailstead/core/wire";
import type { Lie } from "./faults.ts";

type Told = Extract<AgentFrame, { type: "telemetry" }>;
type Stored = Extract<GatewayFrame, { type: "telemetry-stored" }>;

export interface SimulatedTelemetryOptions {
  readonly agentNumber: number;
  readonly rowsPerMinute: number;
  readonly lie: Lie | null;
  send(frame: AgentFrame): boolean;
}

/** More than this waiting means an outage; the oldest go, as on a host whose spool is full. */
const waitingMax = 60;
const skippedNumbers = 3;

/** What a simulated host tells of its deliveries: one batch a minute, the next when the last is stored, none lost by a cut. */
export class SimulatedTelemetry {
  readonly epoch = randomUUID();
  /** Batches that the gateway says it has stored. */
  stored = 0;
  sent = 0;
  private readonly options: SimulatedTelemetryOptions;
  private readonly waiting: Told[] = [];
  private isUnderWay = false;
  private sequence = 0;

  constructor(options: SimulatedTelemetryOptions) {
    this.options = options;
  }

  /** A minute is over. */
  tell(nowMs: number): void {
    this.sequence += this.options.lie === "skips-telemetry" ? skippedNumbers : 1;
    const batch = batchOf(this.options, nowMs);
    const { epoch, sequence } = this;
    this.waiting.push({ type: "telemetry", stream: "delivery", epoch, sequence, batch });
    if (this.waiting.length > waitingMax) this.waiting.shift();
    this.sendFirst();
  }

  /** What was under way on the last connection is sent again. */
  connected(): void {
    this.isUnderWay = false;
    this.sendFirst();
  }

  noteStored({ epoch, sequence }: Stored): void {
    if (epoch !== this.epoch) return;
    while ((this.waiting[0]?.sequence ?? Number.POSITIVE_INFINITY) <= sequence) {
      this.waiting.shift();
      this.stored += 1;
    }
    this.isUnderWay = false;
    this.sendFirst();
  }

  private sendFirst(): void {
    const [first] = this.waiting;
    if (first === undefined || this.isUnderWay) return;
    this.isUnderWay = this.options.send(first);
    if (!this.isUnderWay) return;
    this.sent += 1;
    if (this.options.lie === "repeats-telemetry") this.options.send(first);
  }
}

const minuteMs = 60_000;
const providers = ["gmail", "outlook", "yahoo", "gmx", null] as const;
const domainsPerHost = 10;
export const attemptsPerRow = 3;

function batchOf({ agentNumber, rowsPerMinute }: SimulatedTelemetryOptions, nowMs: number): DeliveryBatch {
  const minute = Math.floor(nowMs / minuteMs) * minuteMs - minuteMs;
  const counts = Array.from({ length: rowsPerMinute }, (_, row): DeliveryCount => {
    const isSent = row % 3 !== 2;
    return {
      minute,
      direction: "outbound",
      domain: `d${row % domainsPerHost}.h${agentNumber}.example`,
      sendingAddress: "192.0.2.1",
      provider: providers[Math.floor(row / domainsPerHost) % providers.length] ?? null,
      status: isSent ? "sent" : "deferred",
      category: isSent ? null : "rate-limit",
      attempts: attemptsPerRow,
      firstAttempts: 2,
      overTls: 3,
      sizeBytes: 45_000,
      latencies: isSent ? { "40": 1, [String(41 + (row % 30))]: 2 } : {},
    };
  });
  return { counts, samples: [] };
}
