export * from "./judge-clocks.ts";
