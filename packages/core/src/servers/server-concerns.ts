import { type HostCondition, judgeHostConditions, type ToldHost } from "./host-conditions.ts";
import {
  levelOfStatus,
  lifeOf,
  type ServerFacts,
  type ServerLevel,
  type ServerStatus,
} from "./server-status.ts";

/** What is judged of a server: its life, and what its agent told of the host. */
export interface ServerSigns extends ServerFacts {
  /** Whether a relay carries all mail, so that the host itself need not reach port 25 elsewhere. */
  hasRelayForAll: boolean;
  /** Null before the agent has told anything. */
  host: ToldHost | null;
}

/** Something about a server that needs somebody. */
export interface ServerConcern {
  code: ServerStatus;
  level: ServerLevel;
  /** The job that tells what happened, where one does. */
  jobId: string | null;
  /** The units or the service that it is about. */
  services: readonly string[];
}

export interface ServerJudgement {
  /** The word that a server is shown under wherever only one has room. */
  status: ServerStatus;
  level: ServerLevel;
  isInstalling: boolean;
  /** The worst first; empty when nothing needs anybody. */
  concerns: readonly ServerConcern[];
  /** What its host tells of itself, of which each kind is a concern too. */
  conditions: readonly HostCondition[];
}

const quietStatuses: readonly ServerStatus[] = ["healthy", "changing", "installing"];

/** Decides what needs somebody on a server and, from that alone, the word and the level it is shown under everywhere. */
export function judgeServer(server: ServerSigns): ServerJudgement {
  const life = lifeOf(server);
  const conditions = conditionsOf(server, life);
  const concerns = [...concernsOfLife(server, life), ...concernsOfHost(conditions)].sort(
    (a, b) => urgency[a.level] - urgency[b.level],
  );
  const worst = concerns[0];
  const hidesLife = worst !== undefined && (worst.level === "trouble" || life === "healthy");
  const status = hidesLife ? worst.code : life;
  return {
    status,
    level: hidesLife ? worst.level : levelOfStatus[life],
    isInstalling: life === "installing",
    concerns,
    conditions,
  };
}

function concernsOfLife(server: ServerSigns, life: ServerStatus): ServerConcern[] {
  if (!quietStatuses.includes(life)) return [concern(life, aboutLife(server, life))];
  const isBehind = server.appliedRevision > 0 && server.appliedRevision < server.targetRevision;
  return life === "healthy" && isBehind ? [concern("behind")] : [];
}

function aboutLife(
  { lastConverge, lastSync, lastRestart }: ServerSigns,
  life: ServerStatus,
): Partial<ServerConcern> {
  switch (life) {
    case "install-failed":
    case "job-failed":
      return { jobId: lastConverge?.id ?? null };
    case "directory-failed":
      return { jobId: lastSync?.id ?? null };
    case "restart-failed":
      return lastRestart === null ? {} : { jobId: lastRestart.id, services: [lastRestart.service] };
    default:
      return {};
  }
}

/** What an agent said before it fell silent may no longer be so, and raises nothing. */
function conditionsOf(server: ServerSigns, life: ServerStatus): HostCondition[] {
  const { host, isConnected, hasRelayForAll, appliedRevision } = server;
  if (host === null || !isConnected || life === "awaiting-agent") return [];
  return judgeHostConditions({ host, hasRelayForAll, isInstalled: appliedRevision > 0 });
}

/** One for each kind, at its worst level. */
function concernsOfHost(conditions: readonly HostCondition[]): ServerConcern[] {
  return [...Map.groupBy(conditions, ({ code }) => code)].map(([code, of]) =>
    concern(code, {
      level: of.some(({ level }) => level === "trouble") ? "trouble" : "attention",
      services: code === "service-down" ? of.map(({ about }) => about) : [],
    }),
  );
}

function concern(code: ServerStatus, about: Partial<ServerConcern> = {}): ServerConcern {
  return { code, level: levelOfStatus[code], jobId: null, services: [], ...about };
}

const urgency: Record<ServerLevel, number> = { trouble: 0, attention: 1, unknown: 2, good: 3 };
