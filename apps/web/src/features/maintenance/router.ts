import {
  addFreeze,
  excludeServer,
  getRolloutPlace,
  includeServer,
  listFreezes,
  listMaintenance,
  removeFreeze,
  setGoesFirst,
  setMaintenanceTimes,
  setPatchPolicy,
  setStandIns,
} from "@mailstead/services/rollouts";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const maintenanceRouter = router({
  customers: memberProcedure.query(({ ctx }) => listMaintenance(ctx.services)),
  setTimes: mutationOf(setMaintenanceTimes),
  setPolicy: mutationOf(setPatchPolicy),
  freezes: memberProcedure.query(({ ctx }) => listFreezes(ctx.services)),
  addFreeze: mutationOf(addFreeze),
  removeFreeze: mutationOf(removeFreeze),
  place: queryOf(getRolloutPlace),
  exclude: mutationOf(excludeServer),
  include: mutationOf(includeServer),
  setGoesFirst: mutationOf(setGoesFirst),
  setStandIns: mutationOf(setStandIns),
});
