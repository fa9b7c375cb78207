import type { TlsSessionLine } from "../log-lines/session-line.ts";

/** The TLS session that a process of Postfix holds. */
export interface TlsSession {
  readonly address: string | null;
  readonly version: string;
  readonly trust: TlsSessionLine["trust"];
  /** The message that goes over it; null until one does. The next one needs a session of its own. */
  queueId: string | null;
}

/** Sessions by the process that holds each, as plain data. */
export type KeptSessions = readonly (readonly [process: string, session: TlsSession])[];

/** The TLS sessions to receivers that are open, as far as they are known. */
export interface TlsSessions {
  note(process: string, line: TlsSessionLine): void;
  /** The session over which a message goes; null where it goes in the clear. */
  of(process: string, queueId: string, address: string | null): TlsSession | null;
  read(): KeptSessions;
}

// A process talks to one receiver at a time; Postfix replaces each after a hundred uses (max_use).
const sessionsMax = 500;

/** Goes on with what was kept. */
export function createTlsSessions(kept: KeptSessions): TlsSessions {
  const sessions = new Map(copy(kept));
  return {
    note(process, { direction, peer, version, trust }) {
      if (direction !== "to") return;
      // Last in the map is youngest, which matters once there are many.
      if (sessions.size > sessionsMax / 2) sessions.delete(process);
      sessions.set(process, { address: peer.address, version, trust, queueId: null });
      if (sessions.size <= sessionsMax) return;
      for (const oldest of sessions.keys()) {
        sessions.delete(oldest);
        break;
      }
    },
    of(process, queueId, address) {
      const session = sessions.get(process);
      if (session === undefined || session.address !== address) return null;
      // Postfix notes a session before each message that goes over it, so what comes without a note goes in the clear. A state of
      // before has no queue id in it.
      session.queueId ??= queueId;
      return session.queueId === queueId ? session : null;
    },
    read: () => copy(sessions),
  };
}

function copy(sessions: Iterable<KeptSessions[number]>): KeptSessions {
  return [...sessions].map(([process, session]) => [process, { ...session }] as const);
}
