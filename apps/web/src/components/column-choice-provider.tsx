"use client";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { type ColumnChoices, columnCookieLine } from "./column-choice.ts";

interface Held {
  choices: ColumnChoices;
  choose: (list: string, columnId: string, isShown: boolean) => void;
}
const ColumnChoiceContext = createContext<Held | null>(null);

/** Holds what the person who is signed in chose about columns, and keeps it in their browser. */
export function ColumnChoiceProvider({
  userId,
  initial,
  children,
}: {
  userId: string;
  initial: ColumnChoices;
  children: ReactNode;
}) {
  const [choices, setChoices] = useState(initial);
  const choose = useCallback(
    (list: string, columnId: string, isShown: boolean) => {
      const next = { ...choices, [list]: { ...choices[list], [columnId]: isShown } };
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in browsers that we support
      document.cookie = columnCookieLine(userId, next);
      setChoices(next);
    },
    [choices, userId],
  );
  const held = useMemo(() => ({ choices, choose }), [choices, choose]);
  return <ColumnChoiceContext value={held}>{children}</ColumnChoiceContext>;
}

const nothing = {};

/** What was chosen for a list, and the way to choose. Throws outside of a ColumnChoiceProvider. */
export function useColumnChoice(
  list: string,
): [Readonly<Record<string, boolean>>, (columnId: string, isShown: boolean) => void] {
  const held = useContext(ColumnChoiceContext);
  if (held === null) throw new Error("useColumnChoice needs a ColumnChoiceProvider above it");
  const { choices, choose } = held;
  return [
    choices[list] ?? nothing,
    useCallback((columnId, isShown) => choose(list, columnId, isShown), [choose, list]),
  ];
}
