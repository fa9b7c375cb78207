export { forgetOldVerdicts } from "./forget-old-verdicts.ts";
export { getServerVerdicts, type VerdictOverview } from "./get-verdicts.ts";
export { readVerdicts, type VerdictScope } from "./read-verdicts.ts";
export { recordVerdictFindings } from "./record-verdict-findings.ts";
export { keepVerdictDays } from "./server-verdicts.ts";
export { verdictStream } from "./store-verdicts.ts";
