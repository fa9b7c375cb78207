import { RenderError, renderStack } from "@mailstead/core/mail-flow";
import { suiteSchema, type TargetState } from "@mailstead/core/servers";
import { ServiceError } from "../context/index.ts";

/** Stands for a secret wherever a person looks. */
export const bullets = "••••••••";

/** Throws `invalid` with the renderer's sentence when a target state cannot be written into configuration files. */
export function refuseUnrenderable(state: TargetState): void {
  for (const suite of suiteSchema.options) {
    try {
      renderStack(state, { suite, openSecret: () => bullets });
    } catch (error) {
      throw asInvalid(error);
    }
  }
}

function asInvalid(error: unknown): unknown {
  return error instanceof RenderError ? new ServiceError("invalid", error.message, { cause: error }) : error;
}
