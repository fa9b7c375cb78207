export { exportProofLog, type ProofLog } from "./export-proof-log.ts";
export { getRotation, type RotationView } from "./get-rotation.ts";
export { goBackRotation } from "./go-back-rotation.ts";
export { listRotationAlarms, type RotationAlarm } from "./list-rotation-alarms.ts";
export { type RotationRun, runDueRotations } from "./run-due-rotations.ts";
export { setRotationSchedule } from "./set-rotation-schedule.ts";
export { startRotation } from "./start-rotation.ts";
export { type RotationWorld, tickRotation } from "./tick-rotation.ts";
