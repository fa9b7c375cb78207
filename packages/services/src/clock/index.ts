export { isTimeSureNow } from "./is-time-sure.ts";
export { keepTime, type TimeKept } from "./keep-time.ts";
export { type ClockProblem, readClockProblem } from "./read-clock-problem.ts";
