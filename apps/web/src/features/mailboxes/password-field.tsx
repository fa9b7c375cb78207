"use client";
import { Dices, Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Field, Input } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { generatePassword } from "./generate-password.ts";
import { problemSentence } from "./problem-sentence.ts";

export interface PasswordFieldProps {
  value: string;
  onChange: (password: string) => void;
  /** Why the password was refused, as `passwordProblem` words it. */
  problem: string | null;
}

/** A password for somebody else: made at random, shown, copied. */
export function PasswordField({ value, onChange, problem }: PasswordFieldProps) {
  const { t } = useWords();
  const [isShown, setShown] = useState(true);
  const Icon = isShown ? EyeOff : Eye;
  return (
    <Field label={t("mailbox.password")} hint={t("mailbox.password-hint")} problem={problemSentence(problem)}>
      <div className="flex flex-wrap gap-2">
        <div className="relative min-w-0 flex-1 basis-72">
          <Input
            value={value}
            onChange={(event) => onChange(event.target.value)}
            type={isShown ? "text" : "password"}
            required
            autoComplete="new-password"
            autoCapitalize="none"
            spellCheck={false}
            className="pr-16 font-mono text-table"
          />
          <span className="absolute top-1 right-1 flex">
            <IconButton
              label={isShown ? t("access.hide-password") : t("access.show-password")}
              size="small"
              onClick={() => setShown(!isShown)}
            >
              <Icon aria-hidden="true" className="size-4" />
            </IconButton>
            <CopyButton text={value} what={t("mailbox.the-password")} />
          </span>
        </div>
        <Button size="large" onClick={() => onChange(generatePassword())} className="px-3!">
          <Dices aria-hidden="true" className="size-4" />
          {t("mailbox.generate")}
        </Button>
      </div>
    </Field>
  );
}
