import { NotFoundState } from "../components/not-found-state.tsx";
import { titled } from "../server/page.tsx";

export const generateMetadata = titled("problem.not-found-title");

export default function NotFoundPage() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <NotFoundState />
    </main>
  );
}
