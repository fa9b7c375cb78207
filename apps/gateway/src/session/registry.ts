import type { Session } from "./session.ts";

/** Slices of a period of pings, so that ten thousand agents are not asked in one moment. */
export const pulseSlices = 10;

/** The agents this gateway holds, by server. */
export class SessionRegistry {
  private readonly sessions = new Map<string, Session>();

  get size(): number {
    return this.sessions.size;
  }

  /** A newer connection of a server takes the place of the older one, which is told to go. */
  add(serverId: string, session: Session): void {
    const older = this.sessions.get(serverId);
    this.sessions.set(serverId, session);
    if (older) void older.dismiss();
  }

  remove(serverId: string, session: Session): void {
    if (this.sessions.get(serverId) === session) this.sessions.delete(serverId);
  }

  get(serverId: string): Session | undefined {
    return this.sessions.get(serverId);
  }

  all(): readonly (readonly [serverId: string, session: Session])[] {
    return [...this.sessions];
  }

  /** Asks one slice of the agents for a sign of life. */
  checkPulse(slice: number): void {
    for (const [index, [, session]] of this.all().entries())
      if (index % pulseSlices === slice) session.checkPulse();
  }
}
