"use client";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ProofLinks } from "./proof-links.tsx";
import type { RotationView } from "./rotation-panel.tsx";

/** Rotations that are over, each with its proof to download. */
export function PastRotations({ past }: { past: RotationView["past"] }) {
  const { t } = useWords();
  return (
    <Panel title={t("rotation.past")} isFlush>
      <ul>
        {past.map((rotation) => (
          <li
            key={rotation.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-4 py-2.5 last:border-b-0"
          >
            <div className="grid min-w-0 flex-1 basis-64 gap-0.5">
              <p className="text-table">
                <LevelWord level={rotation.outcome === "finished" ? "good" : "attention"}>
                  {t(`rotation.outcome.${rotation.outcome ?? "finished"}`)}
                </LevelWord>
              </p>
              <p className="text-ink-3 text-meta">
                {t(`rotation.kind.${rotation.kind}`, { name: rotation.startedBy })}{" "}
                <Ago at={rotation.startedAt} />
                {rotation.reason === null ? null : ` – ${rotation.reason}`}
              </p>
            </div>
            <ProofLinks rotationId={rotation.id} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
