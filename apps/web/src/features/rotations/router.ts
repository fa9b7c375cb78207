import {
  getRotation,
  giveUpLostHost,
  goBackRotation,
  setRotationSchedule,
  startRotation,
} from "@mailstead/services/rotations";
import { z } from "zod";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const rotationsRouter = router({
  get: queryOf(getRotation),
  // How long each wait takes is not for a browser to say.
  start: memberProcedure
    .input(z.object({ domainId: z.string(), kind: z.enum(["by-hand", "compromise"]) }))
    .mutation(({ ctx, input }) => startRotation(ctx.services, input)),
  goBack: mutationOf(goBackRotation),
  giveUpHost: mutationOf(giveUpLostHost),
  setSchedule: mutationOf(setRotationSchedule),
});
