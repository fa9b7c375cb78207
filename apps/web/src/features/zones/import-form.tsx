"use client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { DialogActions } from "../../components/dialog.tsx";
import { Field, TextArea } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Note = RouterOutputs["zones"]["previewImport"]["notes"][number];

/** Reads a zone file that was kept elsewhere, says by line what of it is not taken as it stands, and takes the rest after a word. */
export function ImportForm({
  zoneId,
  onImported,
  onClose,
}: {
  zoneId: string;
  onImported: () => Promise<unknown>;
  onClose: () => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [text, setText] = useState("");
  const preview = useMutation(trpc.zones.previewImport.mutationOptions());
  const take = useMutation(trpc.zones.importText.mutationOptions({ onSuccess: onImported }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    preview.mutate({ zoneId, text });
  };
  if (take.data !== undefined)
    return (
      <div className="grid gap-4">
        <p role="status" className="text-table">
          {t("zone.import.done", { count: take.data.added })}
        </p>
        <Notes notes={take.data.notes} />
        <DialogActions>
          <Button look="primary" onClick={onClose}>
            {t("controls.close")}
          </Button>
        </DialogActions>
      </div>
    );
  if (preview.data !== undefined)
    return (
      <div className="grid gap-4">
        <p role="status" className="text-table">
          {t("zone.import.takes", { count: preview.data.takes })}
        </p>
        <Notes notes={preview.data.notes} />
        <ProblemNote error={take.error} />
        <DialogActions>
          <Button onClick={() => preview.reset()}>{t("zone.import.back")}</Button>
          <Button
            look="primary"
            disabled={preview.data.takes === 0}
            isBusy={take.isPending}
            onClick={() => take.mutate({ zoneId, text, isLossAccepted: true })}
          >
            {t("zone.import.action", { count: preview.data.takes })}
          </Button>
        </DialogActions>
      </div>
    );
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("zone.import.text")} hint={t("zone.import.text-hint")}>
        <TextArea
          name="text"
          required
          autoFocus
          rows={12}
          spellCheck={false}
          className="font-mono text-table"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <ProblemNote error={preview.error} />
      <DialogActions>
        <Button onClick={onClose}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={preview.isPending}>
          {t("zone.import.look")}
        </Button>
      </DialogActions>
    </form>
  );
}

const groups = ["left-out", "changed", "kept"] as const;

/** What is not taken as it stands, the worst first. */
function Notes({ notes }: { notes: readonly Note[] }) {
  const { t } = useWords();
  return groups.map((what) => {
    const some = notes.filter((note) => note.what === what);
    return some.length === 0 ? null : (
      <section key={what} className="grid gap-1 text-table">
        <h3 className="font-medium">{t(`zone.import.${what}`, { count: some.length })}</h3>
        <ul className="grid max-h-40 gap-1 overflow-y-auto">
          {some.map(({ line, record, sentence }) => (
            <li key={`${line} ${record} ${sentence}`} className="text-ink-2 [overflow-wrap:anywhere]">
              {t("zone.import.line", { line })} <span className="font-mono text-meta">{record ?? ""}</span>{" "}
              {sentence ?? ""}
            </li>
          ))}
        </ul>
      </section>
    );
  });
}
