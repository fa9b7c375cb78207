"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, useRef, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

/** Takes a file from Yahoo's Sender Hub, which no program may fetch. */
export function UploadYahoo({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <IfMay use="feeds.upload">
      <Button size="small" onClick={() => setOpen(true)}>
        {t("feeds.upload")}
      </Button>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={t("feeds.upload.title")}
        description={t("feeds.upload.lead")}
      >
        <UploadForm domainId={domainId} onEnd={() => setOpen(false)} />
      </Dialog>
    </IfMay>
  );
}

function UploadForm({ domainId, onEnd }: { domainId: string; onEnd: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const upload = useMutation(
    trpc.feeds.upload.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.feeds.pathKey() }),
    }),
  );
  const take = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    if (file === undefined) return;
    upload.mutate({ domainId, text: await file.text() });
    // The same file may be chosen again once it was mended.
    target.value = "";
  };
  const kept = upload.data;
  return (
    <div className="grid gap-4">
      <ol className="grid list-decimal gap-1.5 pl-5 text-ink-2 text-table">
        <li>{t("feeds.upload.step-hub")}</li>
        <li>{t("feeds.upload.step-file")}</li>
        <li>{t("feeds.upload.step-here")}</li>
      </ol>
      {kept === undefined ? null : (
        <p role="status" className="rounded-ui bg-good-soft px-3 py-2 text-table">
          {t("feeds.upload.kept", { count: kept.days, day: kept.newestDay })}
          {kept.leftOut.length === 0 ? null : (
            <> {t("feeds.upload.left-out", { names: kept.leftOut.join(", ") })}</>
          )}
        </p>
      )}
      <ProblemNote error={upload.error} />
      <input
        ref={picker}
        type="file"
        accept=".csv,.json,.txt,text/csv,application/json"
        className="sr-only"
        aria-label={t("feeds.upload.file")}
        tabIndex={-1}
        onChange={(event) => void take(event)}
      />
      <DialogActions>
        <Button onClick={onEnd}>{t("feeds.upload.close")}</Button>
        <Button look="primary" isBusy={upload.isPending} onClick={() => picker.current?.click()}>
          {t("feeds.upload.choose")}
        </Button>
      </DialogActions>
    </div>
  );
}
