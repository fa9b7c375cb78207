"use client";
import { type RecordValue, valueKey } from "@mailstead/core/publishing";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { PlanView } from "./plan-view.tsx";

type Publication = NonNullable<RouterOutputs["publishing"]["latest"]>;

export interface PublishDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  domain: { id: string; name: string };
  /** A new look at the zone is being asked for, so what is known is of the one before. */
  isAsking: boolean;
  onLookAgain: () => void;
}

// A page that misses a wake-up must not wait for ever.
const askAgainMs = 3000;

/** The difference between zone and plan, a word from the person, and what came of it. */
export function PublishDialog({ isOpen, onOpenChange, domain, isAsking, onLookAgain }: PublishDialogProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const latest = useQuery({
    ...trpc.publishing.latest.queryOptions({ domainId: domain.id }),
    enabled: isOpen,
    refetchInterval: ({ state }) => (isInHand(state.data ?? null) ? askAgainMs : false),
  });
  const publication = isAsking ? null : (latest.data ?? null);
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("publish.dialog", { name: domain.name })}
      width="wide"
    >
      <ProblemNote error={latest.error} />
      {publication === null || isInHand(publication) ? (
        <p role="status" className="flex items-center gap-2 text-ink-2 text-table">
          <Spinner />
          {t(publication?.state === "publishing" ? "publish.writing" : "publish.reading")}
        </p>
      ) : (
        <Outcome
          key={`${publication.id} ${publication.state} ${publication.hasChangedMeanwhile}`}
          publication={publication}
          onClose={() => onOpenChange(false)}
          onLookAgain={onLookAgain}
        />
      )}
    </Dialog>
  );
}

interface OutcomeProps {
  publication: Publication;
  onClose: () => void;
  onLookAgain: () => void;
}

function Outcome({ publication, onClose, onLookAgain }: OutcomeProps) {
  const { t } = useWords();
  const { state, problem, isProblemTemporary } = publication;
  if (state === "planned") return <Confirmation publication={publication} onClose={onClose} />;
  return (
    <div className="grid gap-4">
      {state === "published" ? (
        <>
          <p role="status" className="rounded-ui bg-good-soft px-3 py-2 text-table">
            {t("publish.done")}
          </p>
          {problem === null ? null : (
            <p className="rounded-ui bg-attention-soft px-3 py-2 text-table [overflow-wrap:anywhere]">
              {problem}
            </p>
          )}
        </>
      ) : (
        <p role="alert" className="rounded-ui bg-trouble-soft px-3 py-2 text-table [overflow-wrap:anywhere]">
          {problem} {isProblemTemporary ? t("publish.temporary") : null}
        </p>
      )}
      <DialogActions>
        <Button onClick={onLookAgain}>{t("publish.look-again")}</Button>
        <Button look="primary" onClick={onClose}>
          {t("controls.close")}
        </Button>
      </DialogActions>
    </div>
  );
}

function Confirmation({ publication, onClose }: { publication: Publication; onClose: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [allowed, setAllowed] = useState<readonly RecordValue[]>([]);
  const publish = useMutation(
    trpc.publishing.publish.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.publishing.latest.pathKey() }),
    }),
  );
  const { plan } = publication;
  if (plan === null) return null;
  const isAllowed = (value: RecordValue) => allowed.some((one) => valueKey(one) === valueKey(value));
  const toggle = ({ name, type, value }: RecordValue) =>
    setAllowed(
      isAllowed({ name, type, value })
        ? allowed.filter((one) => valueKey(one) !== valueKey({ name, type, value }))
        : [...allowed, { name, type, value }],
    );
  const changes = plan.zones.flatMap((zone) => zone.changes);
  const count =
    changes.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0) + allowed.length;
  return (
    <div className="grid gap-4">
      {publication.hasChangedMeanwhile ? (
        <p role="alert" className="rounded-ui bg-attention-soft px-3 py-2 text-table">
          {t("publish.changed-meanwhile")}
        </p>
      ) : null}
      <PlanView plan={plan} isAllowed={isAllowed} onToggle={toggle} />
      <ProblemNote error={publish.error} />
      <DialogActions>
        <Button onClick={onClose}>{t("controls.cancel")}</Button>
        {count === 0 ? null : (
          <IfMay use="publishing.publish">
            <Button
              look="primary"
              isBusy={publish.isPending}
              onClick={() => publish.mutate({ publicationId: publication.id, allowed: [...allowed] })}
            >
              {t("publish.action", { count })}
            </Button>
          </IfMay>
        )}
      </DialogActions>
    </div>
  );
}

function isInHand(publication: Publication | null): boolean {
  return publication?.state === "planning" || publication?.state === "publishing";
}
