"use client";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { useDelayed } from "../../client/use-delayed.ts";
import { Button } from "../../components/button.tsx";
import { Field, Input } from "../../components/field.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { BlastRadius, serversOf } from "./blast-radius.tsx";
import { type NewRollout, readForm, readNewRollout } from "./new-rollout.ts";
import { RolloutForm } from "./rollout-form.tsx";

/** Choose what is brought to whom, see what that would touch, and start it. */
export function NewRolloutScreen() {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const router = useRouter();
  const params = useSearchParams();
  const [form, setForm] = useState<NewRollout>(() => readNewRollout(params));
  const [title, setTitle] = useState<string | null>(null);
  const { input, problems } = readForm(form);
  // One question after the person has typed, not one for each letter.
  const asked = useDelayed(JSON.stringify(input));
  const preview = useQuery(
    trpc.rollouts.preview.queryOptions(JSON.parse(asked) ?? { choice: { kind: "security" } }, {
      enabled: asked !== "null",
      placeholderData: keepPreviousData,
    }),
  );
  const start = useMutation(
    trpc.rollouts.start.mutationOptions({
      onSuccess: ({ rolloutId }) => router.push(`/rollouts/${rolloutId}`),
    }),
  );
  const name = title ?? nameOf(form, t);
  const isCurrent = input !== null && asked === JSON.stringify(input) && !preview.isPlaceholderData;
  const data = input === null ? undefined : preview.data;
  const servers = data === undefined || !isCurrent ? 0 : serversOf(data);
  return (
    <>
      <PageHeader title={t("rollout.new.title")} parent={{ href: "/rollouts", label: t("rollouts.title") }} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,25rem)_minmax(0,1fr)]">
        <RolloutForm
          form={form}
          problems={problems}
          onChange={(changed) => setForm((before) => ({ ...before, ...changed }))}
        />
        <Panel title={t("rollout.new.preview")} isFlush className="lg:sticky lg:top-4">
          {input === null ? (
            <p className="px-4 py-3.5 text-ink-3 text-table">{t("rollout.new.incomplete")}</p>
          ) : data === undefined ? (
            preview.error === null ? (
              <RowsSkeleton rows={8} />
            ) : (
              <div className="p-3">
                <ProblemNote error={preview.error} />
              </div>
            )
          ) : (
            <div className={isCurrent ? undefined : "opacity-60"} aria-busy={!isCurrent}>
              <BlastRadius preview={data} />
            </div>
          )}
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (input !== null && servers > 0) start.mutate({ ...input, title: name });
            }}
            className="grid gap-3 border-line border-t px-4 py-3.5"
          >
            {may("rollouts.start") ? (
              <>
                <Field label={t("rollout.new.name")}>
                  <Input value={name} maxLength={200} onChange={(event) => setTitle(event.target.value)} />
                </Field>
                <ProblemNote error={start.error} />
                <Button
                  type="submit"
                  look="primary"
                  size="large"
                  isBusy={start.isPending}
                  disabled={servers === 0 || name.trim() === ""}
                  className="max-sm:w-full sm:justify-self-end"
                >
                  {servers === 0 ? t("rollout.new.start-none") : t("rollout.new.start", { count: servers })}
                </Button>
              </>
            ) : (
              <p className="text-ink-3 text-table">{t("rollout.new.may-not")}</p>
            )}
          </form>
        </Panel>
      </div>
    </>
  );
}

const namedMax = 3;

function nameOf({ what, sources }: NewRollout, t: ReturnType<typeof useWords>["t"]): string {
  const names = sources.split(/[\s,;]+/).filter((name) => name !== "");
  return what === "sources"
    ? t("rollout.new.name.sources", {
        names: `${names.slice(0, namedMax).join(", ")}${names.length > namedMax ? "…" : ""}`,
      })
    : t(`rollout.new.name.${what}`);
}
