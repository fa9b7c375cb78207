export * from "./host-facts.ts";
export * from "./target-state.ts";
