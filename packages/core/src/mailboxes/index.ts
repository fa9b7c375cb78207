export * from "./address.ts";
export * from "./directory.ts";
