import { expect, test } from "vitest";
import { textOfHtml } from "./text-of-html.ts";

test.each([
  ["<p>Hello &lt;a@a.example&gt;</p><p>Bye</p>", "Hello <a@a.example>\n\nBye"],
  ["<head><title>x</title></head><style>p { color: red }</style>1 < 2", "1 < 2"],
  ["<div>550 5.1.1<br>No such&nbsp;user", "550 5.1.1\nNo such user"],
  ["<script>alert(1)", ""],
  ["to <b@b.example> now", "to <b@b.example> now"],
  ["", ""],
])("%j reads %j", (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});
