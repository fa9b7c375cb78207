export * from "./block-list-batch.ts";
export * from "./judge-entries.ts";
export * from "./list-entry.ts";
export * from "./plan-questions.ts";
export * from "./removal-steps.ts";
