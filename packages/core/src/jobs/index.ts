export * from "./catalog.ts";
export * from "./job-state.ts";
export * from "./progress.ts";
export * from "./signed-job.ts";
