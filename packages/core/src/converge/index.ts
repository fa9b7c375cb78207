export * from "./debian-main-cf.ts";
export * from "./observed-state.ts";
export * from "./plan-converge.ts";
export * from "./plan-restore.ts";
export * from "./rendered-stack.ts";
export * from "./step.ts";
export * from "./unified-diff.ts";
