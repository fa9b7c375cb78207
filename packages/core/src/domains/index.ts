export * from "./domain-name.ts";
export * from "./shown.ts";
