import {
  addZoneRecords,
  changeZoneRecord,
  checkZone,
  createZone,
  getZone,
  importZone,
  listZones,
  previewPromotion,
  previewZoneImport,
  promoteSecondary,
  removeZone,
  removeZoneRecord,
  rollZoneKey,
} from "@mailstead/services/zones";
import { z } from "zod";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const zonesRouter = router({
  list: queryOf(listZones),
  get: queryOf(getZone),
  create: mutationOf(createZone),
  remove: mutationOf(removeZone),
  promotion: queryOf(previewPromotion),
  promote: mutationOf(promoteSecondary),
  rollKey: mutationOf(rollZoneKey),
  addRecords: mutationOf(addZoneRecords),
  importText: mutationOf(importZone),
  // Nothing is written, but a zone file is too long for the address of a query.
  previewImport: mutationOf(previewZoneImport),
  changeRecord: mutationOf(changeZoneRecord),
  removeRecord: mutationOf(removeZoneRecord),
  check: memberProcedure
    .input(z.object({ zoneId: z.string() }))
    .mutation(({ ctx, input }) => checkZone(ctx.services, input)),
});
