"use client";
import { Menu as MenuIcon, Search, X } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { Dialog as RadixDialog } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { IconButton } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { useWords } from "../../components/words-provider.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { BrandMark } from "./brand-mark.tsx";
import { CommandPalette } from "./command-palette.tsx";
import { KeyboardHelp } from "./keyboard-help.tsx";
import { LiveMark } from "./live-mark.tsx";
import { isWithin, officePlaces, type Place, workPlaces } from "./navigation.ts";
import { useShortcuts } from "./use-shortcuts.ts";

export interface Person {
  name: string;
  email: string;
  organisationName: string;
}

/** The frame around every screen: places at the side, the palette, the keys, the state of the live line. */
export function AppShell({ person, children }: { person: Person; children: ReactNode }) {
  const { t } = useWords();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  useShortcuts({ openPalette: () => setPaletteOpen(true), openHelp: () => setHelpOpen(true) });
  return (
    <div className="md:grid md:min-h-dvh md:grid-cols-[14.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-ui bg-accent-fill px-3 py-2 font-medium text-on-accent text-table focus:translate-y-0"
      >
        {t("shell.skip")}
      </a>
      <aside className="no-print sticky top-0 hidden h-dvh flex-col border-line border-r bg-sunken md:flex">
        <SideBar person={person} onSearch={() => setPaletteOpen(true)} onHelp={() => setHelpOpen(true)} />
      </aside>
      <TopBar person={person} onSearch={() => setPaletteOpen(true)} onHelp={() => setHelpOpen(true)} />
      <main id="main" tabIndex={-1} className="min-w-0 px-4 py-5 outline-none md:px-8 md:py-7">
        <div className="mx-auto max-w-[76rem]">{children}</div>
      </main>
      <CommandPalette
        isOpen={isPaletteOpen}
        onOpenChange={setPaletteOpen}
        openHelp={() => setHelpOpen(true)}
      />
      <KeyboardHelp isOpen={isHelpOpen} onOpenChange={setHelpOpen} />
    </div>
  );
}

interface BarProps {
  person: Person;
  onSearch: () => void;
  onHelp: () => void;
}

function SideBar({ person, onSearch, onHelp }: BarProps) {
  const { t } = useWords();
  return (
    <>
      <div className="flex h-14 items-center gap-2.5 px-4">
        <BrandMark className="size-6 shrink-0" />
        <div className="min-w-0 leading-tight">
          <p className="truncate font-semibold text-table">{person.organisationName}</p>
          <p className="text-ink-3 text-meta">{t("shell.product")}</p>
        </div>
      </div>
      <div className="px-3 pb-2">
        <button
          type="button"
          onClick={onSearch}
          className="flex h-8 w-full items-center gap-2 rounded-ui border border-line bg-surface px-2.5 text-ink-3 text-table shadow-rest hover:border-line-strong hover:text-ink-2"
        >
          <Search aria-hidden="true" className="size-3.5" />
          <span className="flex-1 text-left">{t("shell.search")}</span>
          <kbd className="rounded-[0.25rem] border border-line px-1 text-meta">Ctrl K</kbd>
        </button>
      </div>
      <Places />
      <div className="mt-auto grid gap-1 border-line border-t p-3">
        <LiveMark />
        <AccountMenu person={person} onHelp={onHelp} />
      </div>
    </>
  );
}

function Places() {
  const { t } = useWords();
  return (
    <nav aria-label={t("nav.label")} className="grid gap-5 overflow-y-auto px-3 py-2">
      <PlaceList places={workPlaces} />
      <div>
        <p className="px-2.5 pb-1 font-medium text-ink-3 text-meta">{t("nav.office")}</p>
        <PlaceList places={officePlaces} />
      </div>
    </nav>
  );
}

function PlaceList({ places }: { places: readonly Place[] }) {
  const { t } = useWords();
  const path = usePathname();
  return (
    <ul className="grid gap-px">
      {places.map((place) => {
        const isHere = isWithin(path, place);
        return (
          <li key={place.href}>
            <Link
              href={place.href}
              aria-current={isHere ? "page" : undefined}
              className={classNames(
                "flex h-8 items-center gap-2.5 rounded-ui px-2.5 text-table -outline-offset-2 max-md:h-10",
                isHere
                  ? "bg-accent-soft font-medium text-accent"
                  : "text-ink-2 hover:bg-hover hover:text-ink",
              )}
            >
              <place.icon aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.9} />
              {t(place.label)}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function TopBar({ person, onSearch, onHelp }: BarProps) {
  const { t } = useWords();
  const path = usePathname();
  const [isOpen, setOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes because the path changed, not because of its value
  useEffect(() => setOpen(false), [path]);
  return (
    <header className="no-print sticky top-0 z-30 flex h-12 items-center gap-2 border-line border-b bg-surface px-2 md:hidden">
      <RadixDialog.Root open={isOpen} onOpenChange={setOpen}>
        <RadixDialog.Trigger asChild>
          <IconButton label={t("shell.open-menu")}>
            <MenuIcon aria-hidden="true" className="size-4.5" />
          </IconButton>
        </RadixDialog.Trigger>
        <RadixDialog.Portal>
          <RadixDialog.Overlay className="fixed inset-0 z-40 bg-shade" />
          <RadixDialog.Content
            aria-describedby={undefined}
            className="fixed inset-y-0 left-0 z-50 flex w-[min(18rem,86vw)] flex-col border-line border-r bg-sunken shadow-float outline-none"
          >
            <RadixDialog.Title className="sr-only">{t("nav.label")}</RadixDialog.Title>
            <RadixDialog.Close asChild>
              <IconButton label={t("controls.close")} className="absolute top-3 right-2">
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            </RadixDialog.Close>
            <SideBar person={person} onSearch={onSearch} onHelp={onHelp} />
          </RadixDialog.Content>
        </RadixDialog.Portal>
      </RadixDialog.Root>
      <BrandMark className="size-5" />
      <p className="min-w-0 flex-1 truncate font-semibold text-table">{person.organisationName}</p>
      <LiveMark isOnlyWhenLost />
      <IconButton label={t("shell.search")} onClick={onSearch}>
        <Search aria-hidden="true" className="size-4.5" />
      </IconButton>
    </header>
  );
}
