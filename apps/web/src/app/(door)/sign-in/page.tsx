import { redirect } from "next/navigation";
import { safeReturnPath } from "../../../features/access/return-path.ts";
import { SignInScreen } from "../../../features/access/sign-in-screen.tsx";
import { findMember, readSearchParams, type SearchParams, titledAlone } from "../../../server/page.tsx";

export const generateMetadata = titledAlone("sign-in.title");

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  const params = await readSearchParams(searchParams);
  const returnTo = params.get("to");
  if ((await findMember()) !== null) redirect(safeReturnPath(returnTo));
  const reason = params.get("reason") === "signed-out" ? "signed-out" : returnTo === null ? null : "ended";
  return <SignInScreen returnTo={returnTo} reason={reason} />;
}
