"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ChannelForm } from "./channel-form.tsx";

interface AddChannelProps {
  timeZone: string;
  canSendMail: boolean;
}

/** Asks where to tell, what, and when not; shows the secret of a webhook once. */
export function AddChannelDialog({
  isOpen,
  onOpenChange,
  ...props
}: AddChannelProps & { isOpen: boolean; onOpenChange: (isOpen: boolean) => void }) {
  const { t } = useWords();
  const [secret, setSecret] = useState<string | null>(null);
  const end = () => {
    setSecret(null);
    onOpenChange(false);
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(wanted) => (wanted ? onOpenChange(true) : end())}
      title={t(secret === null ? "alerts.add.title" : "alerts.secret.title")}
      description={t(secret === null ? "alerts.add.lead" : "alerts.secret.lead")}
    >
      {secret === null ? (
        <AddChannelForm
          {...props}
          onAdded={(made) => (made === null ? end() : setSecret(made))}
          onEnd={end}
        />
      ) : (
        <div className="grid gap-4">
          <CopyBlock text={secret} what={t("alerts.secret.what")} />
          <DialogActions>
            <Button look="primary" onClick={end}>
              {t("alerts.secret.done")}
            </Button>
          </DialogActions>
        </div>
      )}
    </Dialog>
  );
}

function AddChannelForm({
  onAdded,
  ...props
}: AddChannelProps & { onAdded: (secret: string | null) => void; onEnd: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const add = useMutation(
    trpc.alerts.add.mutationOptions({
      onSuccess: async ({ secret }) => {
        await queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
        onAdded(secret);
      },
    }),
  );
  return (
    <ChannelForm
      {...props}
      before={null}
      isBusy={add.isPending}
      error={add.error}
      onSubmit={(wish, target) => add.mutate({ ...wish, ...target })}
    />
  );
}
