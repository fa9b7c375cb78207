import { describeInstalled } from "./describe-installed.ts";

describeInstalled("a host on Debian 13 that the agent has installed", "trixie");
