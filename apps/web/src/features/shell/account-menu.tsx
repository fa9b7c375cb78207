"use client";
import { ChevronsUpDown, Keyboard, LogOut, Monitor, Moon, Settings, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { Menu } from "../../components/menu.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useSignOut } from "../access/use-sign-out.ts";
import type { Person } from "./app-shell.tsx";
import { chooseTheme } from "./theme.ts";

/** Who is signed in, and what they may change about their own view. */
export function AccountMenu({ person, onHelp }: { person: Person; onHelp: () => void }) {
  const { t } = useWords();
  const router = useRouter();
  const signOut = useSignOut();
  const icon = "size-3.5 text-ink-3";
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={t("shell.account", { name: person.name })}
          className="flex h-10 w-full items-center gap-2.5 rounded-ui px-2 text-left hover:bg-hover"
        >
          <span
            aria-hidden="true"
            className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent text-meta"
          >
            {person.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="min-w-0 flex-1 leading-tight">
            <span className="block truncate font-medium text-table">{person.name}</span>
            <span className="block truncate text-ink-3 text-meta">{person.email}</span>
          </span>
          <ChevronsUpDown aria-hidden="true" className="size-3.5 shrink-0 text-ink-3" />
        </button>
      }
      groups={[
        [
          {
            label: t("theme.system"),
            icon: <Monitor aria-hidden="true" className={icon} />,
            onSelect: () => chooseTheme("system"),
          },
          {
            label: t("theme.light"),
            icon: <Sun aria-hidden="true" className={icon} />,
            onSelect: () => chooseTheme("light"),
          },
          {
            label: t("theme.dark"),
            icon: <Moon aria-hidden="true" className={icon} />,
            onSelect: () => chooseTheme("dark"),
          },
        ],
        [
          {
            label: t("nav.settings"),
            icon: <Settings aria-hidden="true" className={icon} />,
            onSelect: () => router.push("/settings"),
          },
          {
            label: t("keys.title"),
            icon: <Keyboard aria-hidden="true" className={icon} />,
            onSelect: onHelp,
          },
        ],
        [
          {
            label: t("shell.sign-out"),
            icon: <LogOut aria-hidden="true" className={icon} />,
            onSelect: signOut,
          },
        ],
      ]}
    />
  );
}
