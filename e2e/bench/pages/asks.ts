import type { Ask, Subjects } from "./ask.ts";
import { fleetAsks } from "./fleet-asks.ts";
import { senderAsks } from "./sender-asks.ts";
import { workAsks } from "./work-asks.ts";

/** Everything that has to do with deliverability, as somebody asks for it who sees these. */
export function asksOf(subjects: Subjects): readonly Ask[] {
  const asks = [...fleetAsks(subjects), ...senderAsks(subjects), ...workAsks(subjects)];
  return asks.filter(({ paths }) => paths.length > 0);
}
