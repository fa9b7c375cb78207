"use client";
import { valueKey } from "@mailstead/core/publishing";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, TextArea } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { Block, ChangedSet, Conflict } from "./plan-view.tsx";

/** Compares a pasted zone file with a domain's plan, for zones that no connection reaches. */
export function CompareZoneButton({ domainId, name }: { domainId: string; name: string }) {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("publish.compare")}</Button>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={t("publish.compare.title", { name })}
        description={t("publish.compare.lead")}
        width="wide"
      >
        <CompareForm domainId={domainId} />
      </Dialog>
    </>
  );
}

function CompareForm({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const compare = useMutation(trpc.publishing.compare.mutationOptions());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    compare.mutate({ domainId, text: String(new FormData(event.currentTarget).get("text")) });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("publish.compare.text")}>
        <TextArea name="text" required rows={8} spellCheck={false} className="font-mono text-table" />
      </Field>
      <ProblemNote error={compare.error} />
      {compare.data === undefined ? null : <Comparison comparison={compare.data} />}
      <DialogActions>
        <Button type="submit" look="primary" isBusy={compare.isPending}>
          {t("publish.compare.action")}
        </Button>
      </DialogActions>
    </form>
  );
}

function Comparison({ comparison }: { comparison: RouterOutputs["publishing"]["compare"] }) {
  const { t } = useWords();
  const { changes, conflicts, inPlace, problems } = comparison;
  return (
    <div role="status" className="grid gap-4 text-table">
      {problems.length === 0 ? null : (
        <ul className="grid gap-0.5 rounded-ui bg-attention-soft px-3 py-2">
          {problems.map(({ line, problem }) => (
            <li key={`${line} ${problem}`}>{t("publish.compare.line", { line, problem })}</li>
          ))}
        </ul>
      )}
      {changes.length === 0 && conflicts.length === 0 ? <p>{t("publish.compare.same")}</p> : null}
      {changes.length === 0 ? null : (
        <Block title={t("publish.compare.missing")}>
          {changes.map((change) => (
            <ChangedSet key={`${change.name} ${change.type}`} change={change} />
          ))}
        </Block>
      )}
      {conflicts.length === 0 ? null : (
        <Block title={t("publish.in-the-way")}>
          {conflicts.map((conflict) => (
            <Conflict key={valueKey(conflict)} conflict={conflict} />
          ))}
        </Block>
      )}
      {inPlace === 0 ? null : <p className="text-ink-3">{t("publish.in-place", { count: inPlace })}</p>}
    </div>
  );
}
