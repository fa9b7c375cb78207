export * from "./frames.ts";
export * from "./reconnect-delay.ts";
