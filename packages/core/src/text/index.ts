export * from "./cut-text.ts";
export * from "./told-text.ts";
