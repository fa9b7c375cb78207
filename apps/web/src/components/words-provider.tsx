"use client";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { type Words, wordsFor } from "../messages/locale.ts";

const WordsContext = createContext<Words | null>(null);

/** Hands the reader's language to every client component below. */
export function WordsProvider({ locale, children }: { locale: string; children: ReactNode }) {
  const words = useMemo(() => wordsFor(locale), [locale]);
  return <WordsContext value={words}>{children}</WordsContext>;
}

/** Words, numbers and dates for the reader. Throws outside of a WordsProvider. */
export function useWords(): Words {
  const words = useContext(WordsContext);
  if (words === null) throw new Error("useWords needs a WordsProvider above it");
  return words;
}
