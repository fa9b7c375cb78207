import { describeInstalled } from "./describe-installed.ts";

describeInstalled("a host on Debian 12 that the agent has installed", "bookworm");
