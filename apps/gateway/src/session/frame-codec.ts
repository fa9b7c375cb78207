import { type AgentFrame, agentFrameSchema, type GatewayFrame } from "@mailstead/core/wire";

export type ParsedFrame =
  | { kind: "frame"; frame: AgentFrame }
  /** A newer agent's frame, or one that is malformed; `type` says which for the log, bounded. */
  | { kind: "not-understood"; type: string };

/** Parses what an agent sent. Unknown fields are dropped, unknown frames are told apart and never fatal. */
export function parseAgentFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "not-understood", type: "not JSON" };
  }
  const parsed = agentFrameSchema.safeParse(value);
  if (parsed.success) return { kind: "frame", frame: parsed.data };
  const type = (value as { type?: unknown } | null)?.type;
  return { kind: "not-understood", type: String(type).slice(0, 60) };
}

export function encodeFrame(frame: GatewayFrame): string {
  return JSON.stringify(frame);
}
