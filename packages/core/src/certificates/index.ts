export * from "./acme-problem.ts";
export * from "./certificate-concern.ts";
export * from "./certificate-names.ts";
export * from "./key-rollover.ts";
export * from "./order-failure.ts";
export * from "./renewal.ts";
