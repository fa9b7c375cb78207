"use client";
import { splitTags } from "@mailstead/core/tags";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { TagInput } from "../tags/tag-input.tsx";

interface BulkTagsProps {
  deed: "add" | "remove";
  serverIds: readonly string[];
  onClose: () => void;
}

/** Gives tags to many servers, or takes them, and says how many had them already. */
export function BulkTagsDialog({ deed, serverIds, onClose }: BulkTagsProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [ids] = useState(serverIds);
  const [typed, setTyped] = useState("");
  const change = useMutation(
    trpc.tags.change.mutationOptions({
      onSuccess: () =>
        Promise.all(
          [trpc.servers.pathKey(), trpc.tags.pathKey()].map((queryKey) =>
            queryClient.invalidateQueries({ queryKey }),
          ),
        ),
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ serverIds: [...ids], [deed]: splitTags(typed) });
  };
  const { data } = change;
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={t(`servers.bulk.tags-${deed}`)}
      description={t(`servers.bulk.tags-${deed}-lead`, { count: ids.length })}
    >
      {data === undefined ? (
        <form onSubmit={submit} className="grid gap-4">
          <TagInput label={t("tags.title")} typed={typed} onChange={setTyped} />
          <ProblemNote error={change.error} />
          <DialogActions>
            <Button onClick={onClose}>{t("controls.cancel")}</Button>
            <Button
              type="submit"
              look="primary"
              disabled={splitTags(typed).length === 0}
              isBusy={change.isPending}
            >
              {t(`servers.bulk.tags-${deed}-action`, { count: ids.length })}
            </Button>
          </DialogActions>
        </form>
      ) : (
        <ChangedNote changed={data} onClose={onClose} />
      )}
    </Dialog>
  );
}

/** What came of a change of many servers. */
export function ChangedNote({
  changed: { changed, unchanged, gone },
  onClose,
}: {
  changed: { changed: number; unchanged: number; gone: number };
  onClose: () => void;
}) {
  const { t } = useWords();
  return (
    <div className="grid gap-4">
      <ul className="grid gap-1.5 text-table" role="status">
        <li>{t("servers.bulk.changed", { count: changed })}</li>
        {unchanged > 0 ? <li>{t("servers.bulk.unchanged", { count: unchanged })}</li> : null}
        {gone > 0 ? <li>{t("servers.bulk.gone", { count: gone })}</li> : null}
      </ul>
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          {t("controls.close")}
        </Button>
      </DialogActions>
    </div>
  );
}
