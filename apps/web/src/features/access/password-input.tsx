"use client";
import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { IconButton } from "../../components/button.tsx";
import { Input } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** A password field that can be read while it is typed. */
export function PasswordInput(props: ComponentProps<"input">) {
  const { t } = useWords();
  const [isShown, setShown] = useState(false);
  const Icon = isShown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Input
        {...props}
        type={isShown ? "text" : "password"}
        autoCapitalize="none"
        spellCheck={false}
        className="pr-10"
      />
      <IconButton
        label={isShown ? t("access.hide-password") : t("access.show-password")}
        size="small"
        onClick={() => setShown(!isShown)}
        className="absolute top-1 right-1"
      >
        <Icon aria-hidden="true" className="size-4" />
      </IconButton>
    </div>
  );
}
