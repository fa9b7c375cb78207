export * from "./host-facts.ts";
export * from "./public-address.ts";
export * from "./server-concerns.ts";
export * from "./server-status.ts";
export * from "./service-name.ts";
export * from "./target-certificate.ts";
export * from "./target-limits.ts";
export * from "./target-state.ts";
