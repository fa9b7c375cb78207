import { describeAcceptance } from "./describe-acceptance.ts";

describeAcceptance("a mail server on Debian 12", "bookworm");
