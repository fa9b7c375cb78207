"use client";
import { Field, Input, SwitchField } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { CustomSettings, FormProblem, NumberField } from "./new-rollout.ts";

interface CustomFieldsProps {
  custom: CustomSettings;
  problems: readonly FormProblem[];
  onChange: (changed: Partial<CustomSettings>) => void;
}

/** Waves and limits of one's own. */
export function CustomFields({ custom, problems, onChange }: CustomFieldsProps) {
  const { t } = useWords();
  const number = (field: NumberField, label: string) => {
    const problem = problems.find((one) => one.field === field);
    return (
      <Field
        label={label}
        problem={
          problem !== undefined && "min" in problem
            ? t("rollout.new.number-bad", { min: problem.min, max: problem.max })
            : null
        }
      >
        <Input
          inputMode="numeric"
          value={custom[field]}
          onChange={(event) => onChange({ [field]: event.target.value })}
        />
      </Field>
    );
  };
  const toggle = (field: "needsApproval" | "restoresBad" | "checksMail", label: string, hint: string) => (
    <SwitchField
      label={label}
      hint={hint}
      isOn={custom[field]}
      onChange={(isOn) => onChange({ [field]: isOn })}
    />
  );
  return (
    <div className="grid gap-4 rounded-ui border border-line p-3">
      <Field
        label={t("rollout.new.shares")}
        hint={t("rollout.new.shares-hint")}
        problem={problems.some(({ field }) => field === "shares") ? t("rollout.new.shares-bad") : null}
      >
        <Input value={custom.shares} onChange={(event) => onChange({ shares: event.target.value })} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        {number("canaryServers", t("rollout.new.canary-servers"))}
        {number("bakeMinutes", t("rollout.new.bake"))}
        {number("inFlight", t("rollout.new.in-flight"))}
        {number("badMax", t("rollout.new.bad-max"))}
      </div>
      {toggle("needsApproval", t("rollout.new.approval"), t("rollout.new.approval-hint"))}
      {toggle("checksMail", t("rollout.new.mail"), t("rollout.new.mail-hint"))}
      {toggle("restoresBad", t("rollout.new.restores"), t("rollout.new.restores-hint"))}
    </div>
  );
}
