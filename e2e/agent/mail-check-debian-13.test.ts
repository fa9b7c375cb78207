import { describeMailCheck } from "./describe-mail-check.ts";

describeMailCheck("a host on Debian 13 that tries its own mail", "trixie");
