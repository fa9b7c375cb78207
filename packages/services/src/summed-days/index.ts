export { keepSummedDays, type SummedKind } from "./keep-summed-days.ts";
export { readWholeDays } from "./read-whole-days.ts";
export { deliveredBy, keepServerDays } from "./server-days.ts";
