"use client";
import { splitTags } from "@mailstead/core/tags";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { TagChip } from "./tag-chip.tsx";
import { TagInput } from "./tag-input.tsx";

interface ServerTags {
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
}

/** The tags of a server; each leads to the servers that bear it too. */
export function ServerTagsPanel({ server }: { server: ServerTags }) {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel
      title={t("tags.title")}
      actions={
        <IfMay use="tags.set">
          <Button size="small" onClick={() => setOpen(true)}>
            {t("tags.edit")}
          </Button>
        </IfMay>
      }
    >
      {server.tags.length === 0 ? (
        <p className="text-ink-3 text-table">{t("tags.none")}</p>
      ) : (
        <ul className="flex flex-wrap gap-1.5" aria-label={t("tags.title")}>
          {server.tags.map((tag) => (
            <li key={tag} className="min-w-0">
              <Link
                href={`/servers?tags=${encodeURIComponent(tag)}`}
                className="block max-w-full rounded-full hover:underline"
              >
                <TagChip>{tag}</TagChip>
              </Link>
            </li>
          ))}
        </ul>
      )}
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title={t("tags.edit-of", { name: server.name })}>
        <IfMay use="tags.set">
          <TagsForm server={server} onDone={() => setOpen(false)} />
        </IfMay>
      </Dialog>
    </Panel>
  );
}

function TagsForm({ server, onDone }: { server: ServerTags; onDone: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState(server.tags.join(", "));
  const save = useMutation(
    trpc.tags.set.mutationOptions({
      onSuccess: async () => {
        await Promise.all(
          [trpc.servers.pathKey(), trpc.tags.pathKey()].map((queryKey) =>
            queryClient.invalidateQueries({ queryKey }),
          ),
        );
        onDone();
      },
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ serverId: server.id, tags: splitTags(typed) });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TagInput label={t("tags.title")} typed={typed} onChange={setTyped} />
      <ProblemNote error={save.error} />
      <DialogActions>
        <Button onClick={onDone}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={save.isPending}>
          {t("tags.save")}
        </Button>
      </DialogActions>
    </form>
  );
}
