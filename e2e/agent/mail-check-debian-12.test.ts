import { describeMailCheck } from "./describe-mail-check.ts";

describeMailCheck("a host on Debian 12 that tries its own mail", "bookworm");
