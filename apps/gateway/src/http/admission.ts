/** How many agents one gateway lets in, and how fast. */
export interface AdmissionLimits {
  readonly sessionsMax: number;
  /** Connections that have not proven who they are yet. */
  readonly greetingsMax: number;
  readonly perSecondMax: number;
}

export const defaultAdmissionLimits: AdmissionLimits = {
  sessionsMax: 20_000,
  greetingsMax: 1_000,
  perSecondMax: 400,
};

export type Admission = { kind: "admit" } | { kind: "wait"; retryAfterMs: number };

// After an outage everybody comes at once; who is sent away is spread over this time, on top of the agent's own jitter.
const spreadMs = { min: 2_000, max: 20_000 };

/** A bucket that fills with time and bounds how fast connections are let in. */
export class AdmissionGate {
  private readonly limits: AdmissionLimits;
  private readonly chance: () => number;
  private tokens: number;
  private filledAtMs: number;

  constructor(limits: AdmissionLimits, { nowMs, chance }: { nowMs: number; chance: () => number }) {
    this.limits = limits;
    this.chance = chance;
    this.tokens = limits.perSecondMax;
    this.filledAtMs = nowMs;
  }

  /** Decides about one connection; `held` and `greeting` are the connections there are. */
  admit({ nowMs, held, greeting }: { nowMs: number; held: number; greeting: number }): Admission {
    const { sessionsMax, greetingsMax, perSecondMax } = this.limits;
    const elapsedMs = nowMs - this.filledAtMs;
    this.filledAtMs = nowMs;
    this.tokens = Math.min(perSecondMax, this.tokens + (elapsedMs / 1000) * perSecondMax);
    if (held >= sessionsMax || greeting >= greetingsMax || this.tokens < 1)
      return { kind: "wait", retryAfterMs: this.pickDelay() };
    this.tokens -= 1;
    return { kind: "admit" };
  }

  private pickDelay(): number {
    return Math.round(spreadMs.min + this.chance() * (spreadMs.max - spreadMs.min));
  }
}
