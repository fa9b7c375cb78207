"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Input } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { TagChip } from "./tag-chip.tsx";

interface ManageTagsProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** All tags with the servers that bear them, to rename and to remove. */
export function ManageTagsDialog({ isOpen, onOpenChange }: ManageTagsProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [renamed, setRenamed] = useState<string | null>(null);
  const [removed, setRemoved] = useState<string | null>(null);
  const tags = useQuery(trpc.tags.list.queryOptions(undefined, { enabled: isOpen }));
  const again = async () => {
    await Promise.all(
      [trpc.servers.pathKey(), trpc.tags.pathKey()].map((queryKey) =>
        queryClient.invalidateQueries({ queryKey }),
      ),
    );
    setRenamed(null);
    setRemoved(null);
  };
  const rename = useMutation(trpc.tags.rename.mutationOptions({ onSuccess: again }));
  const remove = useMutation(trpc.tags.remove.mutationOptions({ onSuccess: again }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (renamed === null) return;
    rename.mutate({ name: renamed, newName: String(new FormData(event.currentTarget).get("newName")) });
  };
  const rows = tags.data ?? [];
  return (
    <>
      <Dialog
        isOpen={isOpen}
        onOpenChange={onOpenChange}
        title={t("tags.manage")}
        description={t("tags.manage-lead")}
      >
        <ProblemNote error={rename.error ?? tags.error} />
        {tags.data !== undefined && rows.length === 0 ? (
          <p className="text-ink-3 text-table">{t("tags.empty")}</p>
        ) : null}
        <ul className="divide-y divide-line">
          {rows.map(({ name, servers }) => (
            <li key={name} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 py-1.5 text-table">
              {renamed === name ? (
                <form onSubmit={submit} className="flex min-w-0 flex-1 gap-2">
                  <Input
                    name="newName"
                    aria-label={t("tags.new-name", { name })}
                    defaultValue={name}
                    autoFocus
                    required
                    autoCapitalize="none"
                    autoComplete="off"
                    spellCheck={false}
                  />
                  <Button type="submit" look="primary" isBusy={rename.isPending}>
                    {t("tags.save")}
                  </Button>
                  <Button onClick={() => setRenamed(null)}>{t("controls.cancel")}</Button>
                </form>
              ) : (
                <>
                  <TagChip>{name}</TagChip>
                  <span className="figures min-w-0 flex-1 text-ink-3 text-meta">
                    {t("servers.count", { count: servers })}
                  </span>
                  <Button size="small" look="quiet" onClick={() => setRenamed(name)}>
                    {t("tags.rename")}
                  </Button>
                  <Button size="small" look="quiet" onClick={() => setRemoved(name)}>
                    {t("tags.remove")}
                  </Button>
                </>
              )}
            </li>
          ))}
        </ul>
      </Dialog>
      <ConfirmDialog
        isOpen={removed !== null}
        onOpenChange={(open) => (open ? undefined : setRemoved(null))}
        title={t("tags.remove-title", { name: removed ?? "" })}
        consequence={
          <p>
            {t("tags.remove-consequence", {
              count: rows.find(({ name }) => name === removed)?.servers ?? 0,
            })}
          </p>
        }
        actionLabel={t("tags.remove")}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => removed !== null && remove.mutate({ name: removed })}
      />
    </>
  );
}
