import type { ReactNode } from "react";
import { LiveProvider } from "../../features/live/live-provider.tsx";
import { AppShell } from "../../features/shell/app-shell.tsx";
import { requireMember } from "../../server/page.tsx";

export default async function HouseLayout({ children }: { children: ReactNode }) {
  const { session } = await requireMember();
  const { name, email, organisationName } = session;
  return (
    <LiveProvider>
      <AppShell person={{ name, email, organisationName }}>{children}</AppShell>
    </LiveProvider>
  );
}
