import { connection } from "next/server";
import { WelcomeScreen } from "../../../../features/access/welcome-screen.tsx";
import { titledAlone } from "../../../../server/page.tsx";

export const generateMetadata = titledAlone("welcome.title");

export default async function WelcomePage({ params }: { params: Promise<{ token: string }> }) {
  await connection();
  return <WelcomeScreen token={(await params).token} />;
}
