"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { SaveForm } from "../servers/save-form.tsx";

type MtaSts = RouterOutputs["domains"]["mtaSts"];

/** The MTA-STS mode of a domain, with what keeps each mode from being chosen now, and the policy as it is served. */
export function MtaStsPanel({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const query = useQuery(useTRPC().domains.mtaSts.queryOptions({ domainId }));
  if (query.data === undefined) return null;
  return (
    <Panel title={t("domain.mta-sts")} description={t("domain.mta-sts.lead")}>
      <div className="grid gap-4">
        <ModeForm key={query.data.mode} domainId={domainId} mtaSts={query.data} />
        {query.data.isServed ? <Policy mtaSts={query.data} /> : null}
      </div>
    </Panel>
  );
}

function ModeForm({ domainId, mtaSts }: { domainId: string; mtaSts: MtaSts }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [mode, setMode] = useState(mtaSts.mode);
  const save = useMutation(
    trpc.domains.changeMtaSts.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() }),
    }),
  );
  return (
    <SaveForm
      use="domains.changeMtaSts"
      save={save}
      isDisabled={mode === mtaSts.mode}
      onSave={() => save.mutate({ domainId, mode })}
    >
      <fieldset className="grid gap-2">
        <legend className="sr-only">{t("domain.mta-sts")}</legend>
        {mtaSts.modes.map((each) => (
          <div key={each.mode} className="grid gap-0.5">
            <label className="flex w-fit cursor-pointer items-center gap-2.5 text-table has-disabled:cursor-default has-disabled:text-ink-3">
              <input
                type="radio"
                name="mode"
                checked={mode === each.mode}
                disabled={each.problem !== null}
                onChange={() => setMode(each.mode)}
                className="size-4 accent-(--accent-fill)"
              />
              {t(`domain.mta-sts.mode.${each.mode}`)}
            </label>
            {each.problem === null ? null : <p className="pl-6.5 text-ink-3 text-meta">{each.problem}</p>}
          </div>
        ))}
      </fieldset>
    </SaveForm>
  );
}

function Policy({ mtaSts }: { mtaSts: MtaSts }) {
  const { t } = useWords();
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-center gap-2 text-meta">
        <span className="font-medium text-ink">{t("domain.mta-sts.policy")}</span>
        <span className="min-w-0 text-ink-3 [overflow-wrap:anywhere]">
          {t("domain.mta-sts.policy-at", { url: mtaSts.policyUrl })}
        </span>
        <CopyButton text={mtaSts.policyText} what={t("domain.mta-sts.the-policy")} />
      </div>
      <pre className="overflow-x-auto rounded-ui bg-sunken px-3 py-2 font-mono text-meta">
        {mtaSts.policyText}
      </pre>
    </div>
  );
}
