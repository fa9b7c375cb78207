"use client";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { officePlaces, workPlaces } from "./navigation.ts";

const secondKeyWithinMs = 1200;

export interface ShortcutActions {
  openPalette: () => void;
  openHelp: () => void;
}

/** Listens for the keys that work on every page. Keys typed into a field, and keys of an open dialog, are left alone. */
export function useShortcuts(actions: ShortcutActions): void {
  const router = useRouter();
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    let goPressedAt = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        latest.current.openPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog],[role=menu]") !== null) return;
      if (event.key === "?") {
        latest.current.openHelp();
      } else if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("input[type=search]");
        if (search === null) latest.current.openPalette();
        else search.focus();
      } else if (event.key === "g") {
        goPressedAt = event.timeStamp;
        return;
      } else if (event.timeStamp - goPressedAt < secondKeyWithinMs) {
        const place = [...workPlaces, ...officePlaces].find((candidate) => candidate.key === event.key);
        if (place === undefined) return;
        router.push(place.href);
      } else {
        return;
      }
      goPressedAt = 0;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [router]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input,textarea,select") !== null)
  );
}
