export * from "./catalog.ts";
export * from "./collapse.ts";
export * from "./delivery.ts";
export * from "./high-water-mark.ts";
export * from "./job-state.ts";
export * from "./lane.ts";
export * from "./progress.ts";
export * from "./signed-job.ts";
