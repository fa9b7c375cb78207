"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { useMay } from "../access/role-provider.tsx";

/** Registers an app at Google where the form names one, and sends the person to Google's page. */
export function useGoogleConsent() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const register = useMutation(trpc.feeds.changeGoogleApp.mutationOptions());
  const begin = useMutation(
    trpc.feeds.beginGoogleConsent.mutationOptions({
      onSuccess: ({ url }) => window.location.assign(url),
    }),
  );
  const may = useMay();
  return {
    isOffered: may("feeds.beginGoogleConsent") && may("feeds.changeGoogleApp"),
    // It goes on until the page is left.
    isPending: register.isPending || begin.isPending || begin.isSuccess,
    error: register.error ?? begin.error,
    start(form: FormData, wish: Parameters<typeof begin.mutate>[0]) {
      const clientId = form.get("appClientId");
      const go = () => begin.mutate(wish);
      if (clientId === null) return go();
      const app = { clientId: String(clientId), clientSecret: String(form.get("appClientSecret")) };
      return register.mutate(app, {
        onSuccess: async () => {
          await queryClient.invalidateQueries({ queryKey: trpc.feeds.googleApp.pathKey() });
          go();
        },
      });
    },
  };
}
