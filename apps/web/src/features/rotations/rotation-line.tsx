"use client";
import { StepLine } from "../../components/step-line.tsx";
import { WaitsFor } from "../../components/waits-for.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { OpenRotation } from "./rotation-panel.tsx";
import { stepLine } from "./step-line.ts";

/** The steps of a rotation from the first to the last. */
export function RotationLine({ rotation }: { rotation: OpenRotation }) {
  const { t } = useWords();
  return (
    <StepLine
      label={t("rotation.steps")}
      steps={stepLine(rotation, rotation.events).map(({ step, ...line }) => ({
        key: step,
        title: t(`rotation.step.${step}`),
        ...line,
      }))}
      waiting={<Waiting rotation={rotation} />}
      hasAlarm={rotation.alarm !== null}
    />
  );
}

function Waiting({ rotation: { waitsFor, waitsUntil, servers } }: { rotation: OpenRotation }) {
  const { t } = useWords();
  return (
    <div className="grid gap-0.5 text-ink-2 text-meta">
      <WaitsFor what={waitsFor} until={waitsUntil} />
      <ul className="flex flex-wrap gap-x-4">
        {servers.map((server) => (
          <li key={server.id}>
            {server.name}: {t(`rotation.server.${standingOf(server)}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function standingOf(server: OpenRotation["servers"][number]) {
  if (!server.isOnline) return "offline";
  if (server.hasApplied) return "switched";
  if (server.isTold) return "told";
  return server.test === "passed" ? "proven" : "preparing";
}
