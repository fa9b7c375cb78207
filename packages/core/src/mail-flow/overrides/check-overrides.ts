import type { Overrides } from "../../servers/index.ts";
import { checkDovecotOverride } from "./dovecot-override.ts";
import { readPostfixOverride } from "./postfix-override.ts";
import { checkRspamdOverride } from "./rspamd-override.ts";
import { checkSieveOverride } from "./sieve-override.ts";

/**
 * Lets an override set how mail is treated and nothing else: no program, account, socket, script or file that the
 * operator would name is reached by it. Throws RenderError, with a sentence that names the line, for anything that is
 * not on the lists beside this file.
 */
export function checkOverrides(overrides: Overrides): void {
  readPostfixOverride(overrides.postfixMain);
  checkDovecotOverride(overrides.dovecot);
  for (const [name, text] of Object.entries(overrides.rspamd)) checkRspamdOverride(name, text);
  checkSieveOverride(overrides.sieveBefore);
}
