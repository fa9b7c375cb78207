import { describeUpdate } from "./describe-update.ts";

describeUpdate("the update of an agent on Debian 12", "bookworm");
