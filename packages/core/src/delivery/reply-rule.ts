import type { ProviderId } from "./provider.ts";
import type { FixOwner, ReplyCategory, RetryClass } from "./reply-category.ts";

/** One way in which a receiver says something, as data: what to look for, and a sample that shows it. */
export interface ReplyRule {
  /** Never changes: reports and findings name it. */
  readonly id: string;
  readonly category: ReplyCategory;
  /** Only for replies of these; without it for everybody's. */
  readonly providers?: readonly ProviderId[];
  /** The reply's codes: `code` a reply code or its first digits, `enhanced` a status code or a pattern of one. */
  readonly code?: string;
  readonly enhanced?: RegExp;
  /** Looked for in the text without its codes, in any case of letters. */
  readonly text?: RegExp;
  /** What the receiver calls it: the key of its help page, or the code in brackets. */
  readonly tag?: string;
  /** Where it differs from what the category says. */
  readonly owner?: FixOwner;
  readonly retry?: RetryClass;
  /** A reply as it arrives, codes included, which this rule and none before it must take. */
  readonly sample: string;
}
