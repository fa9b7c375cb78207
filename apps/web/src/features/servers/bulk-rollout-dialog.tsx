"use client";
import { splitTags } from "@mailstead/core/tags";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

interface BulkRolloutProps {
  serverIds: readonly string[];
  onClose: () => void;
}

/**
 * More servers than an address holds go into a rollout by a tag: its page can be opened again, and says later which they were.
 */
export function BulkRolloutDialog({ serverIds, onClose }: BulkRolloutProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const [ids] = useState(serverIds);
  const [typed, setTyped] = useState("");
  const tags = useQuery(trpc.tags.list.queryOptions());
  const [tag = "", ...others] = splitTags(typed.toLowerCase());
  const bearer = (tags.data ?? []).find(({ name }) => name === tag);
  const change = useMutation(
    trpc.tags.change.mutationOptions({
      onSuccess: () => router.push(`/rollouts/new?tags=${encodeURIComponent(tag)}`),
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ serverIds: [...ids], add: [tag] });
  };
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={t("servers.bulk.rollout")}
      description={t("servers.bulk.rollout-lead", { count: ids.length })}
    >
      <form onSubmit={submit} className="grid gap-4" autoComplete="off">
        <Field
          label={t("servers.bulk.rollout-tag")}
          hint={t("servers.bulk.rollout-tag-hint")}
          problem={
            bearer === undefined
              ? null
              : t("servers.bulk.rollout-tag-taken", { name: bearer.name, count: bearer.servers })
          }
        >
          <Input
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            required
            autoCapitalize="none"
            spellCheck={false}
          />
        </Field>
        <ProblemNote error={change.error} />
        <DialogActions>
          <Button onClick={onClose}>{t("controls.cancel")}</Button>
          <Button
            type="submit"
            look="primary"
            disabled={tag === "" || others.length > 0 || bearer !== undefined}
            isBusy={change.isPending}
          >
            {t("servers.bulk.rollout-action", { count: ids.length })}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
