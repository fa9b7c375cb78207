import { describeAgent } from "./describe-agent.ts";

describeAgent("the agent on Debian 12", "bookworm");
