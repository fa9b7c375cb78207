import "@fontsource-variable/inter/opsz.css";
import "@fontsource-variable/jetbrains-mono";
import "./globals.css";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { ApiProvider } from "../client/trpc.tsx";
import { ClockProvider } from "../components/time.tsx";
import { WordsProvider } from "../components/words-provider.tsx";
import { readTheme, themeCookie } from "../features/shell/theme.ts";
import { negotiateLocale } from "../messages/locale.ts";

export const metadata: Metadata = {
  title: { default: "Mailstead", template: "%s · Mailstead" },
  description: "Control plane for self-hosted mail",
  robots: { index: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f9fafb" },
    { media: "(prefers-color-scheme: dark)", color: "#0b0d11" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = readTheme((await cookies()).get(themeCookie)?.value);
  const locale = negotiateLocale((await headers()).get("accept-language"));
  return (
    <html lang={locale} data-theme={theme === "system" ? undefined : theme} suppressHydrationWarning>
      <body>
        <WordsProvider locale={locale}>
          <ClockProvider startUnixMs={Date.now()}>
            <ApiProvider>{children}</ApiProvider>
          </ClockProvider>
        </WordsProvider>
      </body>
    </html>
  );
}
