"use client";
import { LevelSentence } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { StepLine } from "../../components/step-line.tsx";
import { Ago } from "../../components/time.tsx";
import { WaitsFor } from "../../components/waits-for.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { keyRollLine } from "./key-roll-line.ts";
import type { Zone } from "./zone-screen.tsx";

/** Where the roll of the key stands that the zone's DS record leads to. */
export function KeyRollPanel({ roll }: { roll: NonNullable<Zone["keyRoll"]> }) {
  const { t } = useWords();
  const { startedBy, reached, waits, alarm } = roll;
  const [first] = reached;
  return (
    <Panel title={t("zone.rolled")} description={t("zone.rolled-lead")} isFlush>
      <div className="grid gap-1.5 px-4 py-3.5 text-table">
        <p className="text-ink-2">
          {startedBy === null ? t("zone.rolled-on-host") : t("zone.rolled-by", { name: startedBy })}{" "}
          {first === undefined ? null : <Ago at={first.at} />}
        </p>
        {alarm === null ? null : (
          <p role="status">
            <LevelSentence level="attention">{alarm}</LevelSentence>
          </p>
        )}
      </div>
      <StepLine
        label={t("zone.rolled.steps")}
        steps={keyRollLine(roll).map(({ step, ...line }) => ({
          key: step,
          title: t(`zone.rolled.${step}`),
          ...line,
        }))}
        waiting={
          waits === null ? null : (
            <div className="text-ink-2 text-meta">
              <WaitsFor {...waits} />
            </div>
          )
        }
        hasAlarm={alarm !== null}
      />
    </Panel>
  );
}
