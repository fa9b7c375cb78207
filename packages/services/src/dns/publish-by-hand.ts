import type { RecordPublisher } from "./record-publisher.ts";

/** For zones at no connected provider: a person pastes the records. */
export const publishByHand: RecordPublisher = {
  publish: async () => ({ kind: "by-hand" }),
};
