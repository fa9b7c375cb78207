"use client";
import { CrashScreen } from "../../features/shell/crash-screen.tsx";

export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return <CrashScreen digest={error.digest ?? null} retry={reset} />;
}
