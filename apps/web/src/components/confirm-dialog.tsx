"use client";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import { Field, Input } from "./field.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { useWords } from "./words-provider.tsx";

export interface ConfirmDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  /** What will happen to mail, in plain words. */
  consequence: ReactNode;
  actionLabel: string;
  /** The name that has to be typed; without one a press is enough. */
  typedName?: string;
  /** Whether it begins something good that can be turned back, so that the action is not shown as a danger. */
  isHarmless?: boolean;
  /** Whether it cannot be done now, as the consequence says. */
  isBlocked?: boolean;
  isBusy: boolean;
  error?: unknown;
  onConfirm: () => void;
}

/** Asks before something that hurts; the name of the object has to be typed where it cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog isOpen={props.isOpen} onOpenChange={props.onOpenChange} title={props.title}>
      <ConfirmForm {...props} />
    </Dialog>
  );
}

function ConfirmForm({
  onOpenChange,
  consequence,
  actionLabel,
  typedName,
  isHarmless = false,
  isBlocked = false,
  isBusy,
  error,
  onConfirm,
}: ConfirmDialogProps) {
  const { t } = useWords();
  const [typed, setTyped] = useState("");
  const isReady = !isBlocked && (typedName === undefined || typed.trim() === typedName);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) onConfirm();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-2 text-ink-2">{consequence}</div>
      {typedName === undefined ? null : (
        <Field label={t("controls.type-to-confirm", { name: typedName })}>
          <Input
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            className="font-mono text-table"
          />
        </Field>
      )}
      <ProblemNote error={error} />
      <DialogActions>
        <Button onClick={() => onOpenChange(false)}>{t("controls.cancel")}</Button>
        <Button type="submit" look={isHarmless ? "primary" : "danger"} disabled={!isReady} isBusy={isBusy}>
          {actionLabel}
        </Button>
      </DialogActions>
    </form>
  );
}
