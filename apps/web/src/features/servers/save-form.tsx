"use client";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { type GuardedProcedure, neededRoles } from "../access/needed-roles.ts";
import { useMay } from "../access/role-provider.tsx";

export interface SaveState {
  isPending: boolean;
  error: unknown;
  /** `isWaiting` says that it takes effect later, after a test. */
  data: { jobId: string | null; isWaiting?: boolean } | undefined;
}

export interface SaveFormProps {
  /** What saves it. People who may not use that read the fields and are told whose they are. */
  use: GuardedProcedure;
  save: SaveState;
  isDisabled?: boolean;
  onSave: (form: FormData) => void;
  children: ReactNode;
}

/** A part of the settings with its own button, and what came of saving with the job that carries it to the host. */
export function SaveForm({ use, save, isDisabled = false, onSave, children }: SaveFormProps) {
  const { t } = useWords();
  const mayChange = useMay()(use);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSave(new FormData(event.currentTarget));
      }}
      className="grid gap-4"
    >
      <fieldset disabled={!mayChange} className="grid min-w-0 gap-4">
        {children}
      </fieldset>
      <div className="grid gap-3">
        <ProblemNote error={save.error} />
        <div className="flex flex-wrap items-center gap-3">
          {mayChange ? (
            <Button type="submit" isBusy={save.isPending} disabled={isDisabled}>
              {t("controls.save")}
            </Button>
          ) : (
            <p className="text-ink-3 text-meta">
              {t("controls.needs-role", { role: t(`settings.role.${neededRoles[use]}`) })}
            </p>
          )}
          {save.isPending ? null : <SavedNote saved={save.data} />}
        </div>
      </div>
    </form>
  );
}

function SavedNote({ saved }: { saved: SaveState["data"] }) {
  const { t } = useWords();
  if (saved === undefined) return null;
  return (
    <p role="status" className="flex flex-wrap items-center gap-x-2 text-table">
      <CircleCheck aria-hidden="true" className="size-3.5 text-good" />
      {saved.jobId === null ? (
        t(saved.isWaiting ? "smarthosts.saved-waiting" : "server-settings.saved")
      ) : (
        <>
          {t("server-settings.saved-job")}
          <Link href={`/jobs/${saved.jobId}`} className="text-accent hover:underline">
            {t("server-settings.show-job")}
          </Link>
        </>
      )}
    </p>
  );
}
