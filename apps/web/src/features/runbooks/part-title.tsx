"use client";
import type { ReactNode } from "react";
import { useWords } from "../../components/words-provider.tsx";
import { reasonWords } from "../trace/story-words.ts";

/** A part that is named as a kind of reply says first what people call that. */
export function PartTitle({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useWords();
  const title = reasonWords(t, name)?.title;
  return title === undefined ? (
    children
  ) : (
    <>
      {title} <span className="ml-1 font-mono font-normal text-ink-3 text-meta">{name}</span>
    </>
  );
}
