/** Counts attempts by name in windows of time; old windows are forgotten, so that memory stays bounded. */
export class RateLimit {
  private readonly attemptsMax: number;
  private readonly windowMs: number;
  private windowStartMs = Number.NEGATIVE_INFINITY;
  private attempts = new Map<string, number>();

  constructor({ attemptsMax, windowMs }: { attemptsMax: number; windowMs: number }) {
    this.attemptsMax = attemptsMax;
    this.windowMs = windowMs;
  }

  /** Counts one attempt; answers after how long to try again when it was one too many, else null. */
  count(name: string, nowMs: number): number | null {
    if (nowMs - this.windowStartMs >= this.windowMs) {
      this.windowStartMs = nowMs;
      this.attempts = new Map();
    }
    const attempts = (this.attempts.get(name) ?? 0) + 1;
    this.attempts.set(name, attempts);
    return attempts > this.attemptsMax ? this.windowStartMs + this.windowMs - nowMs : null;
  }
}
