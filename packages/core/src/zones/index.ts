export * from "./hosted-zone.ts";
export * from "./plan-delegation.ts";
export * from "./plan-publishing.ts";
export * from "./render-zone-file.ts";
export * from "./typed-record.ts";
export * from "./zone-name.ts";
export * from "./zone-record.ts";
