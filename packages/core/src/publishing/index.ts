export * from "./in-the-way.ts";
export * from "./plan-changes.ts";
export * from "./provider-settings.ts";
export * from "./record-data.ts";
export * from "./record-set.ts";
export * from "./standing-state.ts";
