"use client";
import { Field, Input, SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { TagChoice } from "../tags/tag-choice.tsx";
import { ChoiceCards } from "./choice-cards.tsx";
import { CustomFields } from "./custom-fields.tsx";
import { CustomerChoice } from "./customer-choice.tsx";
import { choices, type FormProblem, type NewRollout, paces } from "./new-rollout.ts";

interface RolloutFormProps {
  form: NewRollout;
  problems: readonly FormProblem[];
  onChange: (changed: Partial<NewRollout>) => void;
}

/** What is brought, to whom, and how fast. */
export function RolloutForm({ form, problems, onChange }: RolloutFormProps) {
  const { t } = useWords();
  const source = problems.find((one) => one.field === "sources");
  return (
    <Panel>
      <div className="grid gap-6">
        <ChoiceCards
          label={t("rollout.new.what")}
          value={form.what}
          onChange={(what) => onChange({ what })}
          options={choices.map((value) => ({
            value,
            label: t(`rollout.new.what.${value}`),
            hint: t(`rollout.new.what.${value}-hint`),
          }))}
        />
        {form.what === "sources" ? (
          <Field
            label={t("rollout.new.sources")}
            hint={t("rollout.new.sources-hint")}
            problem={
              source?.kind === "bad" && "name" in source
                ? t("rollout.new.sources-bad", { name: source.name })
                : source === undefined
                  ? null
                  : t("rollout.new.sources-missing")
            }
          >
            <Input
              value={form.sources}
              onChange={(event) => onChange({ sources: event.target.value })}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              className="font-mono text-table"
            />
          </Field>
        ) : null}
        {form.what === "configurations" ? (
          <SwitchField
            label={t("rollout.new.reverts-drift")}
            hint={t("rollout.new.reverts-drift-hint")}
            isOn={form.revertsDrift}
            onChange={(revertsDrift) => onChange({ revertsDrift })}
          />
        ) : null}
        <div className="grid gap-2">
          {form.serverIds.length > 0 ? (
            <p className="text-table">{t("rollout.new.who.servers", { count: form.serverIds.length })}</p>
          ) : (
            <ChoiceCards
              label={t("rollout.new.who")}
              value={form.tags !== null ? "tagged" : form.tenantIds === null ? "all" : "some"}
              onChange={(who) =>
                onChange({ tenantIds: who === "some" ? [] : null, tags: who === "tagged" ? [] : null })
              }
              options={[
                { value: "all", label: t("rollout.new.who.all") },
                { value: "some", label: t("rollout.new.who.some") },
                { value: "tagged", label: t("rollout.new.who.tagged") },
              ]}
            />
          )}
          {form.tenantIds === null ? null : (
            <CustomerChoice chosen={form.tenantIds} onChange={(tenantIds) => onChange({ tenantIds })} />
          )}
          {form.tags === null ? null : (
            <TagChoice
              label={t("rollout.new.tags")}
              chosen={form.tags}
              onChange={(tags) => onChange({ tags })}
            />
          )}
          {problems.some(({ field }) => field === "tags") ? (
            <p className="text-ink-3 text-meta">{t("rollout.new.tags-missing")}</p>
          ) : null}
          {problems.some(({ field }) => field === "tenants") ? (
            <p className="text-ink-3 text-meta">{t("rollout.new.who-missing")}</p>
          ) : null}
          <TagChoice
            label={t("rollout.new.except-tags")}
            chosen={form.exceptTags}
            onChange={(exceptTags) => onChange({ exceptTags })}
          />
        </div>
        <ChoiceCards
          label={t("rollout.new.how")}
          value={form.pace}
          onChange={(pace) => onChange({ pace })}
          options={paces.map((value) => ({
            value,
            label: t(`rollout.new.how.${value}`),
            hint: t(`rollout.new.how.${value}-hint`),
          }))}
        />
        {form.pace === "custom" ? (
          <CustomFields
            custom={form.custom}
            problems={problems}
            onChange={(changed) => onChange({ custom: { ...form.custom, ...changed } })}
          />
        ) : null}
      </div>
    </Panel>
  );
}
