import { describeAgent } from "./describe-agent.ts";

describeAgent("the agent on Debian 13", "trixie");
