export { checkOverrides } from "./check-overrides.ts";
export { readPostfixOverride } from "./postfix-override.ts";
