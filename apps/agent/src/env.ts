/** Version of this agent; the release build replaces the expression by the release's own. */
export const agentVersion: string = process.env["MAILSTEAD_AGENT_VERSION"] ?? "0.1.0";
