export * from "./dkim-selector.ts";
export * from "./domain-name.ts";
export * from "./next-check.ts";
export * from "./shown.ts";
