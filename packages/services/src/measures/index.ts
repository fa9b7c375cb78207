export { changeWarmUp } from "./change-warm-up.ts";
export { endMeasure } from "./end-measure.ts";
export { listMeasures, type MeasureView } from "./list-measures.ts";
export { listWarmUps, type WarmUpTrackView, type WarmUpView } from "./list-warm-ups.ts";
export { runDueMeasures } from "./run-due-measures.ts";
export { runDueWarmUps } from "./run-due-warm-ups.ts";
export { startFallbacks } from "./start-fallbacks.ts";
export { type StartedMeasure, startMeasure } from "./start-measure.ts";
export { startWarmUp } from "./start-warm-up.ts";
