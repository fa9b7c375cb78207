export * from "./cut-text.ts";
export * from "./moments.ts";
export * from "./told-text.ts";
