import { expect } from "@playwright/test";

/** How long a page may take to do or show what is waited for. It shares the machine with other tests. */
export const pageWithinMs = 45_000;

/** Playwright's expectations of a page, which wait until they hold. */
export const expectPage = expect.configure({ timeout: pageWithinMs });
