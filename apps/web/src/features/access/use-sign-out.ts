"use client";
import { useMutation } from "@tanstack/react-query";
import { signOut } from "next-auth/react";
import { useTRPC } from "../../client/trpc.tsx";

/** Ends this session on the control plane first, then in the browser. */
export function useSignOut(): () => void {
  const trpc = useTRPC();
  const end = useMutation(
    trpc.access.signOut.mutationOptions({
      onSettled: () => signOut({ callbackUrl: "/sign-in?reason=signed-out" }),
    }),
  );
  return () => end.mutate();
}
