"use client";
import { passwordProblem } from "@mailstead/core/access";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Field, Input } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { Doorway } from "./doorway.tsx";
import { PasswordInput } from "./password-input.tsx";
import { attemptSignIn } from "./sign-in-screen.tsx";

/** Makes the first owner from the one-time link that the start of the control plane prints. */
export function WelcomeScreen({ token }: { token: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [isEntering, setEntering] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const create = useMutation(trpc.access.createFirstOwner.mutationOptions());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const password = String(form.get("password") ?? "");
    const found = passwordProblem(password, text("email"));
    setProblem(found === null ? null : sentence(found));
    if (found !== null) return;
    create.mutate(
      {
        token,
        organisationName: text("organisationName"),
        name: text("name"),
        email: text("email"),
        password,
      },
      {
        onSuccess: async () => {
          setEntering(true);
          const result = await attemptSignIn(text("email"), password);
          window.location.assign(result === "ok" ? "/" : "/sign-in");
        },
      },
    );
  };
  return (
    <Doorway title={t("welcome.title")} lead={t("welcome.lead")}>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={t("welcome.organisation")} hint={t("welcome.organisation-hint")}>
          <Input name="organisationName" autoComplete="organization" required maxLength={100} autoFocus />
        </Field>
        <Field label={t("access.your-name")}>
          <Input name="name" autoComplete="name" required maxLength={100} />
        </Field>
        <Field label={t("access.email")}>
          <Input name="email" type="email" autoComplete="username" required maxLength={254} />
        </Field>
        <Field label={t("access.password")} hint={t("access.password-hint")} problem={problem}>
          <PasswordInput name="password" autoComplete="new-password" required />
        </Field>
        <ProblemNote error={create.error} />
        <Button type="submit" look="primary" size="large" isBusy={create.isPending || isEntering}>
          {t("welcome.action")}
        </Button>
      </form>
    </Doorway>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
