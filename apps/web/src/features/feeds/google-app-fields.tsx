"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { Field, Input } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

const steps = ["feeds.step.consent.api", "feeds.step.consent.client", "feeds.step.consent.publish"] as const;

/** The app at Google by which people consent: how it is registered, and its id once it is. */
export function GoogleAppFields() {
  const { t } = useWords();
  const app = useQuery(useTRPC().feeds.googleApp.queryOptions({}));
  const [isNew, setNew] = useState(false);
  if (app.data === undefined) return <ProblemNote error={app.error} />;
  const { clientId, redirectUri, problem, isOwn } = app.data;
  if (problem !== null) return <p className="text-table text-trouble">{problem}</p>;
  if (clientId === null && !isOwn) return <p className="text-ink-2 text-table">{t("feeds.app.none")}</p>;
  if (clientId !== null && !isNew)
    return (
      <div className="grid gap-2 text-ink-2 text-table">
        <p>{t("feeds.app.lead")}</p>
        <p className="[overflow-wrap:anywhere]">
          {t("feeds.app.registered")} <span className="font-mono">{clientId}</span>
        </p>
        {isOwn ? (
          <Button size="small" className="justify-self-start" onClick={() => setNew(true)}>
            {t("feeds.app.another")}
          </Button>
        ) : null}
      </div>
    );
  return (
    <>
      <ol className="grid list-decimal gap-1.5 pl-5 text-ink-2 text-table">
        {steps.map((step) => (
          <li key={step} className="[overflow-wrap:anywhere]">
            {t(step)}
          </li>
        ))}
      </ol>
      <CopyBlock text={redirectUri} what={t("feeds.app.redirect")} />
      <Field label={t("feeds.field.client-id")}>
        <Input
          name="appClientId"
          required
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-table"
        />
      </Field>
      <Field label={t("feeds.field.client-secret")}>
        <Input
          name="appClientSecret"
          required
          type="password"
          autoComplete="new-password"
          spellCheck={false}
          className="font-mono text-table"
        />
      </Field>
    </>
  );
}
