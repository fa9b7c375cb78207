export { decideRotation } from "./decide-rotation.ts";
export * from "./delegated-names.ts";
export * from "./key-findings.ts";
export * from "./rotation.ts";
export * from "./rotation-schedule.ts";
export * from "./rotation-timing.ts";
export * from "./selector.ts";
export { shownOf } from "./shown.ts";
