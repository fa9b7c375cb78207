"use client";
import { Plus, Trash2 } from "lucide-react";
import { Button, IconButton } from "../../components/button.tsx";
import type { GuardedProcedure } from "../access/needed-roles.ts";
import { IfMay } from "../access/role-provider.tsx";

interface DraftButtonProps {
  /** What saves the list. */
  use: GuardedProcedure;
  label: string;
  onClick: () => void;
}

/** Adds an entry to a list of drafts. */
export function AddDraftButton({ use, label, onClick }: DraftButtonProps) {
  return (
    <IfMay use={use}>
      <Button size="small" className="justify-self-start" onClick={onClick}>
        <Plus aria-hidden="true" className="size-3.5" />
        {label}
      </Button>
    </IfMay>
  );
}

/** Takes an entry out of a list of drafts. It stands beside the entry's first field, level with the control below its label. */
export function RemoveDraftButton({ use, label, onClick }: DraftButtonProps) {
  return (
    <IfMay use={use}>
      <IconButton label={label} look="quiet-danger" onClick={onClick} className="mt-6.5">
        <Trash2 aria-hidden="true" className="size-4" />
      </IconButton>
    </IfMay>
  );
}
