import { z } from "zod";

/** A version of the agent, as its release names it. */
export const agentVersionSchema = z
  .string()
  .max(64)
  .regex(/^[0-9A-Za-z][0-9A-Za-z.-]*$/, "is not the version of an agent");

/** The order to become exactly this version, as exactly this manifest tells it. */
export const updateAgentArgsSchema = z.object({
  version: agentVersionSchema,
  /** SHA-256, hex, of the manifest's whole text with its signature. */
  manifestDigest: z.string().regex(/^[0-9a-f]{64}$/),
});

export const updateAgentResultSchema = z.object({
  /** The version that runs now. */
  version: z.string().max(64),
  tookMs: z.number(),
});
