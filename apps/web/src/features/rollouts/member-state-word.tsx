"use client";
import type { MemberState } from "@mailstead/core/rollouts";
import { classNames } from "../../components/class-names.ts";
import { LevelWord } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { memberLooks } from "./member-look.ts";

/** The state of one server in a rollout as sign, word and colour. */
export function MemberStateWord({ state }: { state: MemberState }) {
  const { t } = useWords();
  const { level } = memberLooks[state];
  if (level !== null) return <LevelWord level={level}>{t(`rollout.member.${state}`)}</LevelWord>;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <CellSign state={state} />
      {t(`rollout.member.${state}`)}
    </span>
  );
}

/** A cell beside words, as it stands among the cells of a wave. */
export function CellSign({ state }: { state: MemberState }) {
  const { sign, cell } = memberLooks[state];
  return (
    <span
      aria-hidden="true"
      className={classNames(
        "grid size-3.5 shrink-0 place-items-center rounded-[0.1875rem] font-semibold text-[0.5625rem] leading-none",
        cell,
      )}
    >
      {sign}
    </span>
  );
}
