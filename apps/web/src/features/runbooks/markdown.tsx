import { anchorsOf } from "@mailstead/core/finding-kinds";
import { lexer, type Token, type Tokens } from "marked";
import Link from "next/link";
import { Fragment, type ReactNode } from "react";
import { RunbookCommand } from "./runbook-command.tsx";
import type { ContentsPart } from "./runbook-contents.tsx";
import { runbookLink } from "./runbook-link.ts";

/**
 * Markdown as elements of the page. What a text holds of HTML is shown as text, so that nothing of it is ever taken for
 * markup; links lead only where `runbookLink` says.
 */
export function Markdown({ text, titleOf = () => null }: { text: string; titleOf?: TitleOf }) {
  return <Blocks tokens={lexer(text)} titleOf={titleOf} />;
}

/** The parts of a text that its headings of the second level begin; without the names that only findings lead by. */
export function contentsOf(text: string, titleOf: TitleOf = () => null): readonly ContentsPart[] {
  return lexer(text).flatMap((token) => {
    if (token.type !== "heading" || (token as Tokens.Heading).depth !== 2) return [];
    const heading = (token as Tokens.Heading).text;
    const [anchor = ""] = anchorsOf(heading);
    return [{ anchor, heading: titleOf(anchor) ?? heading.replace(/: `.*$/, "").replaceAll(/[`*]/g, "") }];
  });
}

/** What people call a part that is named by a code, which is then said first; null for any other. */
type TitleOf = (anchor: string) => string | null;

function Blocks({ tokens, titleOf }: { tokens: readonly Token[]; titleOf: TitleOf }) {
  return tokens.map((token, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a page is rendered once and whole
    <Block key={place} token={token as MarkedToken} titleOf={titleOf} />
  ));
}

type MarkedToken =
  | Tokens.Heading
  | Tokens.Paragraph
  | Tokens.List
  | Tokens.Code
  | Tokens.Table
  | Tokens.Text
  | Tokens.HTML
  | Tokens.Space;

function Block({ token, titleOf }: { token: MarkedToken; titleOf: TitleOf }): ReactNode {
  switch (token.type) {
    case "heading":
      return <Heading token={token} titleOf={titleOf} />;
    case "paragraph":
      return <p className="max-w-3xl [overflow-wrap:anywhere]">{inline(token.tokens)}</p>;
    case "text":
      return token.tokens === undefined ? token.text : inline(token.tokens);
    case "list":
      return <List token={token} titleOf={titleOf} />;
    case "code":
      return <RunbookCommand text={token.text} />;
    case "table":
      return <Table token={token} />;
    case "html":
      return <p>{token.raw}</p>;
    default:
      return null;
  }
}

function Heading({ token: { depth, text, tokens }, titleOf }: { token: Tokens.Heading; titleOf: TitleOf }) {
  const [own = "", ...others] = anchorsOf(text);
  const title = titleOf(own);
  const anchor = "scroll-mt-20 target:text-accent";
  const more = others.map((name) => <span key={name} id={name} className="scroll-mt-20" />);
  return depth === 2 ? (
    <h2
      id={own}
      className={`mt-5 border-line border-t pt-5 font-semibold text-body first:mt-0 first:border-t-0 first:pt-0 ${anchor}`}
    >
      {more}
      {title === null ? (
        inline(tokens)
      ) : (
        <>
          {title} <span className="ml-1 font-mono font-normal text-ink-3 text-meta">{own}</span>
        </>
      )}
    </h2>
  ) : (
    <h3 id={own} className={`mt-2 font-medium ${anchor}`}>
      {more}
      {inline(tokens)}
    </h3>
  );
}

function List({ token: { ordered, items }, titleOf }: { token: Tokens.List; titleOf: TitleOf }) {
  const Kind = ordered ? "ol" : "ul";
  return (
    <Kind className={`grid max-w-3xl gap-1 pl-5 ${ordered ? "list-decimal" : "list-disc"}`}>
      {items.map((item) => (
        <li key={item.raw} className="[overflow-wrap:anywhere]">
          <Blocks tokens={item.tokens} titleOf={titleOf} />
        </li>
      ))}
    </Kind>
  );
}

function Table({ token: { header, rows } }: { token: Tokens.Table }) {
  const name = header.map(({ text }) => text).join(", ");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that is wider than the screen is scrolled by keys too
    <section className="overflow-x-auto rounded-ui border border-line" tabIndex={0} aria-label={name}>
      <table className="w-full border-collapse text-table" aria-label={name}>
        <thead>
          <tr className="border-line border-b text-left text-ink-3 text-meta">
            {header.map((cell) => (
              <th key={cell.text} className="px-3 py-2 font-medium">
                {inline(cell.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={row.map(({ text }) => text).join(" ")}
              className="border-line border-b align-top last:border-b-0"
            >
              {row.map((cell) => (
                <td key={cell.text} className="min-w-32 px-3 py-2 [overflow-wrap:anywhere]">
                  {inline(cell.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function inline(tokens: readonly Token[] | undefined): ReactNode {
  return (tokens ?? []).map((token, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a page is rendered once and whole
    <Fragment key={place}>{span(token)}</Fragment>
  ));
}

function span(token: Token): ReactNode {
  const inner = "tokens" in token ? inline(token.tokens) : null;
  switch (token.type) {
    case "strong":
      return <strong className="font-semibold">{inner}</strong>;
    case "em":
      return <em>{inner}</em>;
    case "codespan":
      return (
        <code className="rounded bg-sunken px-1 py-0.5 text-meta [overflow-wrap:anywhere]">
          {(token as Tokens.Codespan).text}
        </code>
      );
    case "link": {
      const to = runbookLink((token as Tokens.Link).href);
      if (to === null) return inner;
      const look = "text-accent underline-offset-2 hover:underline";
      return to.isOutside ? (
        <a href={to.href} rel="noreferrer" target="_blank" className={look}>
          {inner}
        </a>
      ) : (
        <Link href={to.href} className={look}>
          {inner}
        </Link>
      );
    }
    case "br":
      return <br />;
    case "text":
    case "escape":
      return "tokens" in token && token.tokens !== undefined ? inner : (token as Tokens.Text).text;
    default:
      return token.raw;
  }
}
