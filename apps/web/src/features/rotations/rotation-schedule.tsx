"use client";
import { useMutation } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import type { RotationView } from "./rotation-panel.tsx";

const choicesDays = [30, 45, 60, 90, 180, 365] as const;

/** How often the keys are replaced by themselves, and when that is next. */
export function RotationSchedule({
  domainId,
  schedule: { intervalDays, nextAt },
  onChange,
}: {
  domainId: string;
  schedule: RotationView["schedule"];
  onChange: () => Promise<void>;
}) {
  const { t, format } = useWords();
  const trpc = useTRPC();
  const change = useMutation(trpc.rotations.setSchedule.mutationOptions({ onSuccess: onChange }));
  const may = useMay();
  const known = intervalDays === null || choicesDays.some((days) => days === intervalDays);
  const choices = known ? choicesDays : [...choicesDays, intervalDays].sort((left, right) => left - right);
  return (
    <div className="grid gap-2 border-line border-t px-4 py-3.5">
      <Field
        label={t("rotation.schedule")}
        hint={
          intervalDays === null
            ? t("rotation.schedule.off-hint")
            : nextAt === null
              ? t("rotation.schedule.hint")
              : t("rotation.schedule.next", { day: format.day(nextAt) })
        }
      >
        <Select
          className="max-w-64"
          value={intervalDays ?? "off"}
          disabled={change.isPending || !may("technician")}
          onChange={({ target }) =>
            change.mutate({ domainId, intervalDays: target.value === "off" ? null : Number(target.value) })
          }
        >
          {choices.map((days) => (
            <option key={days} value={days}>
              {t("rotation.schedule.days", { count: days })}
            </option>
          ))}
          <option value="off">{t("rotation.schedule.off")}</option>
        </Select>
      </Field>
      <ProblemNote error={change.error} />
    </div>
  );
}
