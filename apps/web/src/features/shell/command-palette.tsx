"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { Globe, Keyboard, Mail, Monitor, Moon, Plus, Search, Server, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog as RadixDialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { officePlaces, workPlaces } from "./navigation.ts";
import { chooseTheme } from "./theme.ts";

const iconLook = "size-4 text-ink-3";

export interface CommandPaletteProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  openHelp: () => void;
}

/** Goes to any place, server, domain or mailbox, and does what is done often, by typing. */
export function CommandPalette({ isOpen, onOpenChange, openHelp }: CommandPaletteProps) {
  const { t } = useWords();
  return (
    <RadixDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <RadixDialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-2 top-[10dvh] z-50 mx-auto max-w-xl animate-rise overflow-hidden rounded-ui border border-line bg-raised shadow-float outline-none"
        >
          <RadixDialog.Title className="sr-only">{t("palette.title")}</RadixDialog.Title>
          <PaletteBody close={() => onOpenChange(false)} openHelp={openHelp} />
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

function PaletteBody({ close, openHelp }: { close: () => void; openHelp: () => void }) {
  const { t } = useWords();
  const may = useMay();
  const router = useRouter();
  const trpc = useTRPC();
  const [text, setText] = useState("");
  const search = text.trim();
  const found = useQuery(
    trpc.home.find.queryOptions(
      { text: search },
      { enabled: search.length >= 2, placeholderData: keepPreviousData },
    ),
  );
  const go = (href: string) => {
    close();
    router.push(href);
  };
  const act = (action: () => void) => {
    close();
    action();
  };
  return (
    <Command label={t("palette.title")} loop>
      <div className="flex items-center gap-2.5 border-line border-b px-4">
        <Search aria-hidden="true" className="size-4 shrink-0 text-ink-3" />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder={t("palette.placeholder")}
          className="h-12 w-full bg-transparent text-body outline-none"
        />
      </div>
      <Command.List className="max-h-[min(26rem,60dvh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-8 text-center text-ink-3 text-table">
          {found.isFetching ? t("palette.searching") : t("palette.nothing")}
        </Command.Empty>
        {search.length >= 2 && found.data !== undefined ? (
          <>
            <Results title={t("nav.servers")} isEmpty={found.data.servers.length === 0}>
              {found.data.servers.map((server) => (
                <Entry
                  key={server.id}
                  value={`${server.name} ${server.hostname} ${server.id}`}
                  onSelect={() => go(`/servers/${server.id}`)}
                  icon={<Server aria-hidden="true" className={iconLook} />}
                  note={server.hostname}
                >
                  {server.name}
                </Entry>
              ))}
            </Results>
            <Results title={t("nav.domains")} isEmpty={found.data.domains.length === 0}>
              {found.data.domains.map((domain) => (
                <Entry
                  key={domain.id}
                  value={`${domain.name} ${domain.unicodeName} ${domain.id}`}
                  onSelect={() => go(`/domains/${domain.id}`)}
                  icon={<Globe aria-hidden="true" className={iconLook} />}
                >
                  {domain.unicodeName}
                </Entry>
              ))}
            </Results>
            <Results title={t("nav.mailboxes")} isEmpty={found.data.mailboxes.length === 0}>
              {found.data.mailboxes.map((mailbox) => (
                <Entry
                  key={mailbox.id}
                  value={`${mailbox.address} ${mailbox.id}`}
                  onSelect={() => go(`/mailboxes?q=${encodeURIComponent(mailbox.address)}`)}
                  icon={<Mail aria-hidden="true" className={iconLook} />}
                >
                  {mailbox.address}
                </Entry>
              ))}
            </Results>
          </>
        ) : null}
        <Results title={t("palette.actions")} isEmpty={!may("servers.add") && !may("domains.add")}>
          <IfMay use="servers.add">
            <Entry
              onSelect={() => go("/servers?add=1")}
              icon={<Plus aria-hidden="true" className={iconLook} />}
            >
              {t("servers.add")}
            </Entry>
          </IfMay>
          <IfMay use="domains.add">
            <Entry
              onSelect={() => go("/domains?add=1")}
              icon={<Plus aria-hidden="true" className={iconLook} />}
            >
              {t("domains.add")}
            </Entry>
          </IfMay>
        </Results>
        <Results title={t("palette.places")}>
          {[...workPlaces, ...officePlaces].map((place) => (
            <Entry
              key={place.href}
              onSelect={() => go(place.href)}
              icon={<place.icon aria-hidden="true" className={iconLook} />}
              note={`g ${place.key}`}
            >
              {t(place.label)}
            </Entry>
          ))}
        </Results>
        <Results title={t("palette.view")}>
          <Entry
            onSelect={() => act(() => chooseTheme("light"))}
            icon={<Sun aria-hidden="true" className={iconLook} />}
          >
            {t("theme.light")}
          </Entry>
          <Entry
            onSelect={() => act(() => chooseTheme("dark"))}
            icon={<Moon aria-hidden="true" className={iconLook} />}
          >
            {t("theme.dark")}
          </Entry>
          <Entry
            onSelect={() => act(() => chooseTheme("system"))}
            icon={<Monitor aria-hidden="true" className={iconLook} />}
          >
            {t("theme.system")}
          </Entry>
          <Entry
            onSelect={() => act(openHelp)}
            icon={<Keyboard aria-hidden="true" className={iconLook} />}
            note="?"
          >
            {t("keys.title")}
          </Entry>
        </Results>
      </Command.List>
    </Command>
  );
}

function Results({
  title,
  isEmpty = false,
  children,
}: {
  title: string;
  isEmpty?: boolean;
  children: ReactNode;
}) {
  if (isEmpty) return null;
  return (
    <Command.Group
      heading={title}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-meta"
    >
      {children}
    </Command.Group>
  );
}

interface EntryProps {
  value?: string;
  icon: ReactNode;
  note?: string;
  onSelect: () => void;
  children: ReactNode;
}

function Entry({ value, icon, note, onSelect, children }: EntryProps) {
  return (
    <Command.Item
      {...(value === undefined ? {} : { value })}
      onSelect={onSelect}
      className="flex h-9 cursor-default items-center gap-2.5 rounded-ui px-2.5 text-table data-[selected=true]:bg-hover"
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {note === undefined ? null : <span className="truncate font-mono text-ink-3 text-meta">{note}</span>}
    </Command.Item>
  );
}
