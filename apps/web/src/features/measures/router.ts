import {
  changeWarmUp,
  endMeasure,
  listMeasures,
  listWarmUps,
  startMeasure,
  startWarmUp,
} from "@mailstead/services/measures";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const measuresRouter = router({
  list: queryOf(listMeasures),
  start: mutationOf(startMeasure),
  end: mutationOf(endMeasure),
  warmUps: queryOf(listWarmUps),
  startWarmUp: mutationOf(startWarmUp),
  changeWarmUp: mutationOf(changeWarmUp),
});
