import type { Page } from "@playwright/test";
import { expectPage } from "../expect-page.ts";

export interface Person {
  readonly organisation: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Makes the first owner by the one-time link and ends on Home, signed in. */
export async function becomeOwner(page: Page, ownerLink: string, person: Person): Promise<void> {
  await askToBecomeOwner(page, ownerLink, person);
  await expectPage(page.getByRole("navigation", { name: "Main" })).toBeVisible();
}

/** Fills the form behind the one-time link and sends it; what comes then is the caller's to expect. */
export async function askToBecomeOwner(page: Page, ownerLink: string, person: Person): Promise<void> {
  await page.goto(ownerLink);
  await expectPage(page.getByRole("heading", { name: "Welcome to Mailstead" })).toBeVisible();
  await page.getByLabel("Organisation").fill(person.organisation);
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Create organisation" }).click();
}

/** Fills the sign-in form and sends it; what comes then is the caller's to expect. */
export async function enterCredentials(
  page: Page,
  person: { email: string; password: string },
): Promise<void> {
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export async function signIn(page: Page, person: { email: string; password: string }): Promise<void> {
  await page.goto("/sign-in");
  await enterCredentials(page, person);
  await expectPage(page.getByRole("navigation", { name: "Main" })).toBeVisible();
}

export async function signOut(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `Account of ${name}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expectPage(page.getByRole("heading", { name: "Sign in to Mailstead" })).toBeVisible();
}
