"use client";
import { LevelSentence } from "../../components/level.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ProofLinks } from "./proof-links.tsx";
import type { RotationView } from "./rotation-panel.tsx";

/** Rotations before the newest one, which only wait until their old keys may go. */
export function EndingRotations({ ending }: { ending: RotationView["ending"] }) {
  const { t } = useWords();
  return (
    <section className="border-line border-t py-2.5">
      <h3 className="px-4 font-medium text-ink-2 text-meta">{t("rotation.ending")}</h3>
      <ul>
        {ending.map(({ id, step, startedAt, waitsFor, alarm }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-1.5">
            <div className="grid min-w-0 flex-1 basis-64 gap-0.5">
              <p className="text-table">{t(`rotation.step.${step}`)}</p>
              <p className="text-ink-3 text-meta [overflow-wrap:anywhere]">
                <Ago at={startedAt} /> – {t("steps.waits-for", { what: waitsFor })}
              </p>
              {alarm === null ? null : (
                <p className="text-meta">
                  <LevelSentence level="attention">{alarm}</LevelSentence>
                </p>
              )}
            </div>
            <ProofLinks rotationId={id} />
          </li>
        ))}
      </ul>
    </section>
  );
}
