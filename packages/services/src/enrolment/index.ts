export { closeAgentSession } from "./close-agent-session.ts";
export { type Enrolment, enrolAgent } from "./enrol-agent.ts";
export {
  type AgentProof,
  type AgentSession,
  type OpenedSession,
  openAgentSession,
  openAgentSessions,
  type SessionRefusal,
} from "./open-agent-session.ts";
