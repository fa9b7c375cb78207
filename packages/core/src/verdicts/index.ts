export {
  createVerdictCounter,
  type VerdictCount,
  type VerdictCounter,
} from "./count-verdicts.ts";
export { addCounts, foldVerdicts, type PeriodVerdicts } from "./fold-verdicts.ts";
export {
  countSpam,
  findingOfOwnSpam,
  judgeOwnSpam,
  type OwnSpam,
  ownSpamKeyOf,
  ownSpamLimits,
  ownSpamSpans,
  verdictFindingPrefix,
} from "./own-spam.ts";
export { parseVerdictLine, type ToldVerdict } from "./told-verdict.ts";
export { type VerdictBatch, verdictBatchesOf, verdictBatchSchema } from "./verdict-batch.ts";
export {
  type CountedVerdicts,
  type ScoreSpan,
  spamMessages,
  spamScore,
  type VerdictFigures,
  verdictFigures,
} from "./verdict-figures.ts";
export {
  type VerdictAction,
  type VerdictFact,
  verdictAction,
  verdictActions,
  verdictFacts,
} from "./verdict-words.ts";
