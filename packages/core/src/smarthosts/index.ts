export * from "./plan-next-trial.ts";
export * from "./presets.ts";
