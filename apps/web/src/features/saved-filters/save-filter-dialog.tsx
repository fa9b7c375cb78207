"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, SwitchField } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";

interface SaveFilterProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  query: string;
}

/** Keeps what the list shows now under a name. */
export function SaveFilterDialog({ isOpen, onOpenChange, query }: SaveFilterProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("filters.save")}
      description={t("filters.save-lead")}
    >
      <SaveForm query={query} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function SaveForm({ query, onDone }: { query: string; onDone: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const may = useMay();
  const queryClient = useQueryClient();
  const [isShared, setShared] = useState(false);
  const [isDefault, setDefault] = useState(false);
  const save = useMutation(trpc.savedFilters.save.mutationOptions());
  const share = useMutation(trpc.savedFilters.share.mutationOptions());
  const choose = useMutation(trpc.savedFilters.setDefault.mutationOptions());
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    try {
      // What was saved at a press before stays saved, and only what is left is tried again.
      const { filterId } = save.data ?? (await save.mutateAsync({ list: "servers", name, query }));
      if (isShared && may("savedFilters.share")) await share.mutateAsync({ filterId, isShared });
      if (isDefault) await choose.mutateAsync({ list: "servers", filterId });
      await queryClient.invalidateQueries({ queryKey: trpc.savedFilters.pathKey() });
      onDone();
    } catch {
      // Each of them holds its own error, which is shown below.
      await queryClient.invalidateQueries({ queryKey: trpc.savedFilters.pathKey() });
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4" autoComplete="off">
      <Field label={t("filters.name")}>
        <Input name="name" required maxLength={60} />
      </Field>
      <IfMay use="savedFilters.share">
        <SwitchField
          label={t("filters.share")}
          hint={t("filters.share-hint")}
          isOn={isShared}
          onChange={setShared}
        />
      </IfMay>
      <SwitchField
        label={t("filters.default")}
        hint={t("filters.default-hint")}
        isOn={isDefault}
        onChange={setDefault}
      />
      <ProblemNote error={save.error ?? share.error ?? choose.error} />
      <DialogActions>
        <Button onClick={onDone}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={save.isPending || share.isPending || choose.isPending}>
          {t("filters.save-action")}
        </Button>
      </DialogActions>
    </form>
  );
}
