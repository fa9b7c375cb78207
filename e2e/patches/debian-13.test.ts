import { describePatches } from "./describe-patches.ts";

describePatches("patches of a mail host on Debian 13", "trixie");
