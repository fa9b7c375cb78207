/** Timers that end together. */
export class Timers {
  private readonly running = new Set<NodeJS.Timeout>();
  private isOver = false;

  after(ms: number, work: () => void): void {
    if (this.isOver) return;
    const timer = setTimeout(() => {
      this.running.delete(timer);
      work();
    }, ms);
    this.running.add(timer);
  }

  every(ms: number, work: () => void): void {
    if (this.isOver) return;
    this.running.add(setInterval(work, ms));
  }

  /** Resolves after so long; never once these timers have ended. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  end(): void {
    this.isOver = true;
    // One function clears both kinds (Node's timers are of one class).
    for (const timer of this.running) clearTimeout(timer);
    this.running.clear();
  }
}
