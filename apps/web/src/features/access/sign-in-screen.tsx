"use client";
import { signIn } from "next-auth/react";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field, Input } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { Doorway } from "./doorway.tsx";
import { PasswordInput } from "./password-input.tsx";
import { safeReturnPath } from "./return-path.ts";

export type SignInReason = "ended" | "signed-out" | null;

/** The door: e-mail and password, and where the person wanted to go. */
export function SignInScreen({ returnTo, reason }: { returnTo: string | null; reason: SignInReason }) {
  const { t } = useWords();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    const result = await attemptSignIn(String(form.get("email")), String(form.get("password")));
    if (result === "ok") {
      // A full load, so that nothing of an earlier session is left in the tab.
      window.location.assign(safeReturnPath(returnTo));
      return;
    }
    setBusy(false);
    setProblem(
      typeof result === "object"
        ? result.waitSeconds < 100
          ? t("sign-in.limited-seconds", { count: result.waitSeconds })
          : t("sign-in.limited-minutes", { count: Math.ceil(result.waitSeconds / 60) })
        : result === "lost-line"
          ? t("problem.lost-line")
          : t("sign-in.refused"),
    );
  };
  return (
    <Doorway title={t("sign-in.title")}>
      {reason === null ? null : (
        <p role="status" className="rounded-ui bg-sunken px-3 py-2 text-ink-2 text-table">
          {reason === "ended" ? t("sign-in.ended") : t("sign-in.signed-out")}
        </p>
      )}
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <Field label={t("access.email")}>
          <Input name="email" type="email" autoComplete="username" required autoFocus />
        </Field>
        <Field label={t("access.password")} problem={problem}>
          <PasswordInput name="password" autoComplete="current-password" required />
        </Field>
        <Button type="submit" look="primary" size="large" isBusy={isBusy}>
          {t("sign-in.action")}
        </Button>
      </form>
    </Doorway>
  );
}

/** Tries to open a session for this browser. */
export async function attemptSignIn(
  email: string,
  password: string,
): Promise<"ok" | "refused" | "lost-line" | { waitSeconds: number }> {
  try {
    const result = await signIn("credentials", { email, password, redirect: false });
    if (result?.ok && !result.error) return "ok";
    const limited = /^limit-reached (\d+)$/.exec(result?.error ?? "");
    return limited === null ? "refused" : { waitSeconds: Number(limited[1]) };
  } catch (error) {
    if (error instanceof TypeError) return "lost-line";
    throw error;
  }
}
