import type { rollouts } from "@mailstead/db";

/** Until when servers that are away are waited for, once their turn begins now. */
export function catchUpFrom({ settings }: Pick<typeof rollouts.$inferSelect, "settings">, now: Date): Date {
  return new Date(now.getTime() + settings.catchUpForMs);
}
