import { useState } from "react";

/** A list that is edited as a whole before it is saved; each entry has a number of its own, by which its fields are told apart. */
export function useDrafts<Draft extends object>(first: () => readonly Draft[]) {
  const [drafts, setDrafts] = useState<readonly (Draft & { id: number })[]>(() =>
    first().map((draft, id) => ({ ...draft, id })),
  );
  return {
    drafts,
    add: (draft: Draft) =>
      setDrafts([...drafts, { ...draft, id: Math.max(-1, ...drafts.map(({ id }) => id)) + 1 }]),
    change: (id: number, values: Partial<Draft>) =>
      setDrafts(drafts.map((draft) => (draft.id === id ? { ...draft, ...values } : draft))),
    remove: (id: number) => setDrafts(drafts.filter((draft) => draft.id !== id)),
  };
}
