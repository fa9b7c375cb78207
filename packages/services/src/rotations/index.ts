export { goBackRotation, noWayBack } from "./go-back-rotation.ts";
export { type RotationRun, runDueRotations } from "./run-due-rotations.ts";
export { startRotation } from "./start-rotation.ts";
export { type RotationWorld, tickRotation } from "./tick-rotation.ts";
