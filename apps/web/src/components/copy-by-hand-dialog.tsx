"use client";
import { Button } from "./button.tsx";
import { Dialog, DialogActions } from "./dialog.tsx";
import { Field, TextArea } from "./field.tsx";
import { useWords } from "./words-provider.tsx";

const rowsMax = 10;
const charactersPerRow = 50;

export interface CopyByHandDialogProps {
  text: string;
  what: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Holds out a text, selected as a whole, where the browser did not let the button copy it. */
export function CopyByHandDialog({ text, what, isOpen, onOpenChange }: CopyByHandDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("controls.not-copied")}
      description={t("controls.copy-by-hand")}
    >
      <div className="grid gap-4">
        <Field label={t("controls.text-to-copy", { what })}>
          <TextArea
            readOnly
            value={text}
            rows={Math.min(rowsMax, rowsOf(text))}
            autoFocus
            onFocus={(event) => event.currentTarget.select()}
            className="font-mono text-table [overflow-wrap:anywhere]"
          />
        </Field>
        <DialogActions>
          <Button look="primary" onClick={() => onOpenChange(false)}>
            {t("controls.close")}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}

function rowsOf(text: string): number {
  const lines = text.trimEnd().split("\n");
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / charactersPerRow)), 0);
}
