export * from "./dkim-selector.ts";
export * from "./domain-name.ts";
export * from "./domain-role.ts";
export * from "./leave-domain.ts";
export * from "./next-check.ts";
export * from "./shown.ts";
