"use client";
import type { Role } from "@mailstead/core/access";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";

export interface SaveState {
  isPending: boolean;
  error: unknown;
  data: { jobId: string | null } | undefined;
}

/** The foot of a part of the settings: the button, and what came of it with the job that carries it to the host. */
export function SaveBar({
  save,
  isDisabled = false,
  needed = "technician",
}: {
  save: SaveState;
  isDisabled?: boolean;
  /** Who may save it; nobody else sees the button. */
  needed?: Role;
}) {
  const { t } = useWords();
  return (
    <div className="grid gap-3">
      <ProblemNote error={save.error} />
      <div className="flex flex-wrap items-center gap-3">
        <ForRole needed={needed}>
          <Button type="submit" isBusy={save.isPending} disabled={isDisabled}>
            {t("controls.save")}
          </Button>
        </ForRole>
        {save.data === undefined || save.isPending ? null : (
          <p role="status" className="flex flex-wrap items-center gap-x-2 text-table">
            <CircleCheck aria-hidden="true" className="size-3.5 text-good" />
            {save.data.jobId === null ? (
              t("server-settings.saved")
            ) : (
              <>
                {t("server-settings.saved-job")}
                <Link href={`/jobs/${save.data.jobId}`} className="text-accent hover:underline">
                  {t("server-settings.show-job")}
                </Link>
              </>
            )}
          </p>
        )}
      </div>
    </div>
  );
}
