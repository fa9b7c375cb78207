export * from "./tag.ts";
