import { rolloutsChannel } from "@mailstead/services/bus";
import type { ServiceContext } from "@mailstead/services/context";
import {
  approveWave,
  compareHealth,
  getRollout,
  getRolloutMember,
  groupRolloutOutputs,
  haltRollout,
  listRolloutMembers,
  listRollouts,
  previewRollout,
  readRolloutCells,
  readRolloutMarks,
  resumeRollout,
  rollBackRollout,
  startRollout,
  stopRollout,
} from "@mailstead/services/rollouts";
import { backend } from "../../server/backend.ts";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const rolloutsRouter = router({
  list: queryOf(listRollouts),
  get: queryOf(getRollout),
  cells: queryOf(readRolloutCells),
  marks: queryOf(readRolloutMarks),
  members: queryOf(listRolloutMembers),
  member: queryOf(getRolloutMember),
  outputs: queryOf(groupRolloutOutputs),
  health: queryOf(compareHealth),
  preview: queryOf(previewRollout),
  start: steering(startRollout),
  halt: steering(haltRollout),
  resume: steering(resumeRollout),
  stop: steering(stopRollout),
  rollBack: steering(rollBackRollout),
  approve: steering(approveWave),
});

/** A use case after which all who have the rollouts open look again, without waiting for the worker's next look. */
function steering<Input, Output>(useCase: (ctx: ServiceContext, input: Input) => Promise<Output>) {
  return mutationOf(async (ctx: ServiceContext, input: Input) => {
    const output = await useCase(ctx, input);
    const bus = await backend().bus();
    await bus.publish(rolloutsChannel(ctx.organisationId), "");
    return output;
  });
}
